import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OrgShares } from './org-shares.js';

function sharesOf(places: number) {
  const made = { now: 1_000_000 };
  return Object.assign(made, { shares: new OrgShares(places, () => made.now) });
}
const enterAll = (shares: OrgShares, orgId: string, batches: number) =>
  Array.from({ length: batches }, () => shares.enter(orgId)).filter((waitMs) => waitMs === undefined).length;

describe('the places of a worker', () => {
  it('are all for an organisation that is alone', () => {
    const { shares } = sharesOf(100);
    expect(enterAll(shares, 'one', 100)).toBe(100);
  });

  it('are left free by one that floods while there is another, which then finds one whenever it comes', () => {
    const { shares } = sharesOf(100);
    expect(shares.enter('small')).toBeUndefined();
    shares.leave('small', 50);
    expect(enterAll(shares, 'flood', 500)).toBe(80);
    for (let batch = 0; batch < 50; batch += 1) {
      expect(shares.enter('small')).toBeUndefined();
      shares.leave('small', 50);
      shares.enter('flood');
    }
  });

  it('are shared alike by those that flood together', () => {
    const { shares } = sharesOf(100);
    const held = { one: 0, two: 0, three: 0 };
    for (let round = 0; round < 200; round += 1)
      for (const orgId of ['one', 'two', 'three'] as const) if (shares.enter(orgId) === undefined) held[orgId] += 1;
    expect(held).toEqual({ one: 31, two: 31, three: 31 });
  });

  it('are all free again for the one when the other has been away for a minute', () => {
    const at = sharesOf(10);
    at.shares.enter('small');
    at.shares.leave('small', 50);
    expect(enterAll(at.shares, 'flood', 20)).toBe(8);
    at.now += 60_001;
    expect(enterAll(at.shares, 'flood', 12)).toBe(12);
  });

  it('bring those that are sent away back as fast as others leave, as long as those had taken', () => {
    const { shares } = sharesOf(100);
    shares.enter('small');
    for (let batch = 0; batch < 200; batch += 1) {
      shares.enter('flood');
      shares.leave('flood', 4_000);
    }
    const waits = Array.from({ length: 400 }, () => shares.enter('flood')).filter((waitMs) => waitMs !== undefined);
    expect(waits[0]).toBe(500);
    expect(waits[160]! - waits[80]!).toBeGreaterThan(3_500);
    expect(waits[160]! - waits[80]!).toBeLessThan(4_500);
  });

  it('bring them back ever more slowly while nobody leaves, so that who waits costs little', () => {
    const at = sharesOf(100);
    at.shares.enter('small');
    enterAll(at.shares, 'flood', 80);
    const spread = () => Math.max(...Array.from({ length: 120 }, () => at.shares.enter('flood') ?? 0));
    expect(spread()).toBeLessThan(1_500);
    at.now += 8_000;
    expect(spread()).toBeGreaterThan(11_000);
  });

  it('are never given twice, and never kept from all', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 50 }),
        fc.array(fc.tuple(fc.nat(3), fc.boolean()), { maxLength: 300 }),
        (places, steps) => {
          const { shares } = sharesOf(places);
          shares.enter('other');
          const held = [0, 0, 0, 0];
          for (const [org, comes] of steps) {
            if (comes && shares.enter(`org-${org}`) === undefined) held[org]! += 1;
            else if (!comes && held[org]! > 0) {
              shares.leave(`org-${org}`, 10);
              held[org]! -= 1;
            }
            expect(held.reduce((sum, count) => sum + count, 1)).toBeLessThanOrEqual(places);
          }
          if (held.every((count) => count === 0)) expect(shares.enter('org-0')).toBeUndefined();
        },
      ),
    );
  });
});
