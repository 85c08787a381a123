import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seeded } from '../test/support/seeded.js';
import { ConcurrencyLimit } from './concurrency-limit.js';

interface Agent {
  slots: number;
  /** Milliseconds that a call takes with so many under way, or that it is refused. */
  take: (underWay: number, at: number) => number | 'refused';
  byLatency?: boolean;
}

/** As many calls as the limit lets, one after another, for so long; gives what happened in the second half. */
function simulate({ slots, take, byLatency = false }: Agent, durationMs: number) {
  const limit = new ConcurrencyLimit(slots);
  let ends: { at: number; tookMs: number | 'refused' }[] = [];
  const seen = { answers: 0, refusals: 0, sumMs: 0, limits: [] as number[] };
  for (let now = 0; now < durationMs; now += 1) {
    const [due, left] = [ends.filter(({ at }) => at <= now), ends.filter(({ at }) => at > now)];
    let underWay = ends.length;
    ends = left;
    for (const { tookMs } of due) {
      if (tookMs === 'refused') limit.refused(underWay);
      else limit.answered(slots, underWay, byLatency ? tookMs : undefined);
      underWay -= 1;
      if (now < durationMs / 2) continue;
      if (tookMs === 'refused') seen.refusals += 1;
      else {
        seen.answers += 1;
        seen.sumMs += tookMs;
      }
    }
    while (ends.length < limit.calls) {
      const tookMs = take(ends.length + 1, now);
      ends.push({ at: now + (tookMs === 'refused' ? 2 : tookMs), tookMs });
    }
    if (now >= durationMs / 2) seen.limits.push(limit.calls);
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { ...seen, meanMs: seen.sumMs / seen.answers, limit: mean(seen.limits) };
}

describe('how many calls an instance is given at once', () => {
  it('comes close below what it takes without a refusal, and is refused little', () => {
    const refusing: Agent = { slots: 64, take: (underWay) => (underWay > 10 ? 'refused' : 50) };
    const { refusals, answers, limit } = simulate(refusing, 60_000);
    expect(limit).toBeGreaterThan(5);
    expect(limit).toBeLessThan(12);
    expect(refusals / (answers + refusals)).toBeLessThan(0.1);
    // At most 10 at once would be 6,000 answers in the 30 s that are looked at.
    expect(answers).toBeGreaterThan(0.6 * 6_000);
  });

  it('is all that is declared again when nothing is refused any more', () => {
    const healed: Agent = { slots: 16, take: (underWay, at) => (at < 5_000 && underWay > 4 ? 'refused' : 50) };
    const { limit, refusals } = simulate(healed, 60_000);
    expect(refusals).toBe(0);
    expect(limit).toBe(16);
  });

  it('falls when an instance becomes slow under its work, for as many answers, and rises when it is well again', () => {
    const slows = (byLatency: boolean, durationMs: number) => {
      const random = seeded(7);
      const take = (underWay: number, at: number) => {
        const capacity = at > 20_000 && at < 40_000 ? 4 : 32;
        return Math.ceil(40 * (0.8 + 0.4 * random()) * Math.max(1, underWay / capacity));
      };
      return simulate({ slots: 32, take, byLatency }, durationMs);
    };
    const [adapted, fixed] = [slows(true, 40_000), slows(false, 40_000)];
    expect(adapted.limit).toBeLessThan(16);
    expect(adapted.meanMs).toBeLessThan(0.5 * fixed.meanMs);
    expect(adapted.answers).toBeGreaterThan(0.9 * fixed.answers);
    expect(slows(true, 120_000).limit).toBeGreaterThan(30);
  });

  it('is not moved much by answers that vary', () => {
    const random = seeded(3);
    const take = () => Math.ceil(-50 * Math.log(1 - random()));
    expect(simulate({ slots: 16, take, byLatency: true }, 60_000).limit).toBeGreaterThan(12);
  });

  it('is never below one nor above what is declared', () => {
    const happening = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 10_000 }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32 }), fc.array(happening), fc.boolean(), (slots, all, byLatency) => {
        const limit = new ConcurrencyLimit(slots);
        for (const [isRefused, underWay, ms] of all) {
          if (isRefused) limit.refused(underWay);
          else limit.answered(slots, underWay, byLatency ? ms : undefined);
          expect(limit.calls).toBeGreaterThanOrEqual(1);
          expect(limit.calls).toBeLessThanOrEqual(slots);
        }
      }),
    );
  });
});
