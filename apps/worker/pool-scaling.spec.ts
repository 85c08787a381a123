import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { reasonOf, ScaleHistory, wantedSize } from './pool-scaling.js';

const target = { min: 1, max: 10, targetUtilisation: 0.7, tolerance: 0.1 };

describe('the size that a demand asks for', () => {
  /** Members of 4 slots each. */
  it.each([
    // size, ready, in flight, queued → wanted
    [4, 4, 11, 0, 4], // 69 %, on target
    [4, 4, 12, 0, 4], // 75 %, within the tolerance
    [4, 4, 13, 0, 5], // 81 %
    [4, 4, 16, 0, 6], // full
    [4, 4, 16, 12, 10], // full, and as many again wait
    [4, 4, 16, 200, 10], // never more than max
    [4, 4, 8, 0, 3],
    [4, 4, 1, 0, 1],
    [4, 4, 0, 0, 1], // never less than min
    [6, 2, 8, 0, 3], // four of six are not ready: what is in hand counts, not who is there
    [4, 0, 0, 9, 4], // nobody is ready yet: wait for them
    [0, 0, 0, 3, 1], // from nothing
    [12, 10, 28, 0, 10], // a max that was lowered
  ])(
    'is, with %i of which %i are ready, %i calls in flight and %i waiting: %i',
    (size, ready, inFlight, queued, wanted) => {
      const min = size === 0 ? 0 : target.min;
      expect(wantedSize(size, { ready, slots: 4, inFlight, queued }, { ...target, min })).toBe(wanted);
    },
  );

  it('stays once it is reached, and is always within bounds', () => {
    const demand = fc.record({ inFlight: fc.nat(200), queued: fc.nat(200), slots: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), demand, (size, given) => {
        const wanted = wantedSize(size, { ...given, ready: size }, target);
        expect(wanted).toBeGreaterThanOrEqual(1);
        expect(wanted).toBeLessThanOrEqual(10);
        const again = wantedSize(wanted, { ...given, ready: wanted }, target);
        expect(again).toBe(wanted);
      }),
    );
  });
});

describe('the pace of scaling', () => {
  const paces = {
    scaleUp: { windowMs: 0, step: 4, everyMs: 15_000 },
    scaleDown: { windowMs: 60_000, step: 1, everyMs: 15_000 },
  };

  it('goes up at once, by so many in so long', () => {
    const history = new ScaleHistory(0);
    expect(history.next(1_000, 2, 9, paces)).toBe(6);
    expect(history.next(2_000, 6, 9, paces)).toBe(6);
    expect(history.next(16_000, 6, 9, paces)).toBe(9);
  });

  it('goes down to the most that was wanted in the window, one at a time', () => {
    const history = new ScaleHistory(0);
    expect(history.next(30_000, 6, 2, paces)).toBe(6); // has not watched for the whole window
    expect(history.next(50_000, 6, 5, paces)).toBe(6);
    expect(history.next(91_000, 6, 2, paces)).toBe(5); // 5 was wanted 41 s ago
    expect(history.next(107_000, 5, 2, paces)).toBe(5);
    expect(history.next(111_000, 5, 2, paces)).toBe(4);
    expect(history.next(112_000, 4, 2, paces)).toBe(4);
  });

  it('does not flap: a dip shorter than the window changes nothing', () => {
    const history = new ScaleHistory(0);
    for (let at = 0; at < 600_000; at += 1_000)
      expect(history.next(at, 5, at % 50_000 < 40_000 ? 2 : 5, paces)).toBe(5);
  });

  it('goes up only when all of its window asks for it', () => {
    const slow = { ...paces, scaleUp: { ...paces.scaleUp, windowMs: 10_000 } };
    const history = new ScaleHistory(0);
    expect(history.next(9_000, 2, 5, slow)).toBe(2);
    expect(history.next(12_000, 2, 3, slow)).toBe(3);
  });

  it('says why', () => {
    const demand = { ready: 1, slots: 4, inFlight: 4, queued: 0 };
    expect(reasonOf(2, 4, demand)).toBe('utilisation');
    expect(reasonOf(2, 4, { ...demand, queued: 3 })).toBe('backlog');
    expect(reasonOf(4, 2, demand)).toBe('idle');
  });
});
