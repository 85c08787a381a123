import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { waitOf } from './connection-queue-rules.js';

const rate = (points: number, durationMs: number) => ({ rateLimit: { points, durationMs }, maxInFlight: null });
const slots = (maxInFlight: number) => ({ rateLimit: null, maxInFlight });
const free = { points: 0, windowMs: 1_000, inFlight: 0 };
/** A place in a line in which all are expected now. */
const place = (ahead: number) => ({ ahead, aheadNow: ahead });

describe('the turn of a call at a connection', () => {
  it('has come for as many as there is room for in the window', () => {
    const terms = rate(3, 1_000);
    const gone = [0, 1, 2, 3, 4].map((ahead) => waitOf(terms, free, place(ahead)) === undefined);
    expect(gone).toEqual([true, true, true, false, false]);
    expect(waitOf(terms, { ...free, points: 3, windowMs: 400 }, place(0))).toBe(410);
  });

  it('is expected in the window in which those before it have been served', () => {
    const full = { points: 2, windowMs: 400, inFlight: 0 };
    const waits = [0, 1, 2, 3, 4].map((ahead) => waitOf(rate(2, 1_000), full, place(ahead)));
    expect(waits).toEqual([410, 410, 1_410, 1_410, 2_410]);
  });

  it('is not held up by those who are expected later', () => {
    expect(waitOf(rate(2, 1_000), free, { ahead: 40, aheadNow: 1 })).toBeUndefined();
    expect(waitOf(rate(2, 1_000), free, { ahead: 40, aheadNow: 2 })).toBe(20_010);
  });

  it('is looked for again soon by those who are next for a slot, and seldom by the last', () => {
    const full = { ...free, inFlight: 4 };
    expect([0, 3, 4, 400].map((ahead) => waitOf(slots(4), full, place(ahead)))).toEqual([500, 500, 1_000, 10_000]);
    expect(waitOf(slots(4), { ...free, inFlight: 3 }, place(0))).toBeUndefined();
  });

  it('lets nobody go beyond either limit, however the line stands', () => {
    const whole = (max: number) => fc.integer({ min: 0, max });
    const standing = fc.record({ points: whole(12), inFlight: whole(12), windowMs: whole(5_000) });
    fc.assert(
      fc.property(whole(8), whole(8), standing, whole(30), (points, maxInFlight, used, asking) => {
        const terms = { rateLimit: { points: points + 1, durationMs: 1_000 }, maxInFlight: maxInFlight + 1 };
        const line = Array.from({ length: asking }, (_, ahead) => waitOf(terms, used, place(ahead)));
        const gone = line.filter((wait) => wait === undefined).length;
        const room = Math.min(points + 1 - used.points, maxInFlight + 1 - used.inFlight);
        expect(gone).toBe(Math.max(0, Math.min(asking, room)));
        const waits = line.flatMap((wait) => wait ?? []);
        expect(waits).toEqual([...waits].sort((a, b) => a - b));
        expect(Math.min(...waits, 1)).toBeGreaterThan(0);
      }),
    );
  });
});
