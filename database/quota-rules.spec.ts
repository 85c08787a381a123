import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { grantCalls, type QuotaStanding, standingAt, usedUp } from './quota-rules.js';

const standing = (change: Partial<QuotaStanding> = {}): QuotaStanding => ({
  windowMs: 60_000,
  limits: { calls: 10, tokens: null, costUsd: null },
  used: { calls: 4, tokens: 0, costUsd: 0 },
  from: 120_000,
  ...change,
});

describe('a quota', () => {
  it('covers what is left of it, and says when the next window begins', () => {
    expect(grantCalls(standing(), 6, 130_000)).toEqual({ granted: 6 });
    const refusal = { limit: 'calls', most: 10, windowMs: 60_000, waitMs: 50_000 };
    expect(grantCalls(standing(), 9, 130_000)).toEqual({ granted: 6, refusal });
    expect(grantCalls(standing({ used: { calls: 10, tokens: 0, costUsd: 0 } }), 1, 130_000)).toEqual({
      granted: 0,
      refusal,
    });
  });

  it('covers nothing once tokens or cost are used up, whatever the last answers brought', () => {
    const limits = { calls: null, tokens: 1_000, costUsd: 0.5 };
    expect(grantCalls(standing({ limits, used: { calls: 9, tokens: 999, costUsd: 0.4 } }), 100, 130_000)).toEqual({
      granted: 100,
    });
    expect(usedUp(standing({ limits, used: { calls: 9, tokens: 1_900, costUsd: 0.4 } }), 130_000)?.limit).toBe(
      'tokens',
    );
    expect(usedUp(standing({ limits, used: { calls: 9, tokens: 0, costUsd: 0.5 } }), 130_000)?.limit).toBe('costUsd');
  });

  it('begins anew with each window, which all workers know by the clock alone', () => {
    expect(standingAt(standing(), 179_999)).toEqual(standing());
    expect(standingAt(standing(), 180_000)).toEqual(
      standing({ from: 180_000, used: { calls: 0, tokens: 0, costUsd: 0 } }),
    );
  });

  it('never covers more calls in a window than it has, however they are asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(40_000))), fc.integer({ min: 1, max: 100 }), (asks, most) => {
        let now = 0;
        let held = standing({
          from: 0,
          limits: { calls: most, tokens: null, costUsd: null },
          used: { calls: 0, tokens: 0, costUsd: 0 },
        });
        const granted = new Map<number, number>();
        for (const [asked, laterMs] of asks) {
          now += laterMs;
          held = standingAt(held, now);
          const grant = grantCalls(held, asked, now);
          held = { ...held, used: { ...held.used, calls: held.used.calls + grant.granted } };
          granted.set(held.from, (granted.get(held.from) ?? 0) + grant.granted);
        }
        for (const calls of granted.values()) expect(calls).toBeLessThanOrEqual(most);
      }),
    );
  });
});
