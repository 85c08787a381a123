import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EXPIRES_AFTER_MS, RETRY_SCHEDULE_MS } from '../contracts/webhook-endpoints.js';
import { afterAttempt, type AttemptEnd, throttleMs } from './delivery-rules.js';

const terms = { retryScheduleMs: RETRY_SCHEDULE_MS, urlsLeft: 1 };
const middle = () => 0.5;
const HOUR_MS = 3_600_000;
const http = (statusCode: number, retryAfterMs?: number): AttemptEnd => ({
  outcome: 'http',
  statusCode,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});
const waitMs = (end: AttemptEnd, attempts = 1, random = middle) => {
  const verdict = afterAttempt(end, attempts, terms, random);
  return 'waitMs' in verdict ? verdict.waitMs : undefined;
};

/** Attempts of a delivery that always fails alike, on a clock of its own. */
function attemptTimes(end: AttemptEnd, random: () => number): number[] {
  const times = [0];
  for (;;) {
    const verdict = afterAttempt(end, times.length, terms, random);
    if (!('waitMs' in verdict)) return times;
    times.push(times.at(-1)! + verdict.waitMs);
  }
}

describe('the retries of a delivery', () => {
  it('are nine after the first attempt, in 75.6 hours', () => {
    const times = attemptTimes(http(500), middle);
    expect(times.map((at) => at / 1_000)).toEqual([0, 5, 305, 2_105, 9_305, 27_305, 63_305, 113_705, 185_705, 272_105]);
    expect(times.at(-1)! / HOUR_MS).toBeCloseTo(75.58, 1);
    expect(afterAttempt(http(500), 10, terms)).toEqual({ status: 'dead', reason: 'exhausted' });
  });

  it('are spread by a fifth either way, and end before the delivery expires', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { minLength: 9, maxLength: 9 }),
        (draws) => {
          const left = [...draws];
          const times = attemptTimes(http(500), () => left.shift() ?? 0);
          times.slice(1).forEach((at, n) => {
            const planned = RETRY_SCHEDULE_MS[n]!;
            expect(Math.abs(at - times[n]! - planned)).toBeLessThanOrEqual(planned * 0.2 + 1);
          });
          expect(times).toHaveLength(10);
          expect(times.at(-1)).toBeLessThan(EXPIRES_AFTER_MS);
        },
      ),
    );
  });

  it('wait as long as the endpoint asks, up to an hour, and never less than the schedule says', () => {
    expect(waitMs(http(503, 30_000))).toBe(30_000);
    expect(waitMs(http(503, 24 * HOUR_MS))).toBe(HOUR_MS);
    expect(waitMs(http(503, 1_000))).toBe(5_000);
    expect(waitMs(http(429, 90_000))).toBe(90_000);
  });

  it('wait a minute at least after 502, 504 and a time-out', () => {
    const ends: AttemptEnd[] = [http(502), http(504), { outcome: 'timeout' }];
    expect(ends.map((end) => waitMs(end))).toEqual([60_000, 60_000, 60_000]);
    expect(waitMs(http(502), 3)).toBe(1_800_000);
    expect(waitMs({ outcome: 'refused' })).toBe(5_000);
  });

  it('end with 410, unless there is another URL, and with an address that is refused', () => {
    expect(afterAttempt(http(410), 1, terms)).toEqual({ status: 'dead', reason: 'gone' });
    expect(afterAttempt(http(410), 1, { ...terms, urlsLeft: 2 }, middle)).toEqual({
      status: 'retrying',
      waitMs: 5_000,
    });
    expect(afterAttempt({ outcome: 'blocked' }, 1, terms)).toEqual({ status: 'skipped', reason: 'blocked' });
    expect(afterAttempt({ outcome: 'ok', statusCode: 204 }, 1, terms)).toEqual({ status: 'delivered' });
  });

  it('leave the endpoint alone after 429: a minute unless it says how long, an hour at most', () => {
    expect([http(429), http(429, 5_000), http(429, 9 * HOUR_MS), http(500, 5_000)].map(throttleMs)).toEqual([
      60_000,
      5_000,
      HOUR_MS,
      0,
    ]);
  });
});
