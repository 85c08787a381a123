import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type HeldLease, preemptions } from './preemption-rules.js';

const lease = (id: string, change: Partial<HeldLease> = {}): HeldLease => ({
  id,
  resource: 'gpu',
  amount: 1,
  priority: 3,
  grantedAt: 0,
  ...change,
});
const wish = (id: string, amount: number, priority: number) => ({ id, needs: new Map([['gpu', amount]]), priority });
const none = new Map([['gpu', 0]]);

describe('pre-emption', () => {
  it('takes the lowest priority first, among those the youngest, and no more than it lacks', () => {
    const held = [lease('old'), lease('young', { grantedAt: 9 }), lease('low', { priority: 5 })];
    expect([...preemptions(none, held, [wish('r', 1, 1)])]).toEqual([['low', 'r']]);
    expect([...preemptions(none, held, [wish('r', 2, 1)]).keys()].sort()).toEqual(['low', 'young']);
    expect([...preemptions(new Map([['gpu', 1]]), held, [wish('r', 2, 1)]).keys()]).toEqual(['low']);
  });

  it('takes nothing where that would not be enough', () => {
    expect(preemptions(none, [lease('a'), lease('b')], [wish('r', 3, 1)]).size).toBe(0);
  });

  it('never takes from an equal or higher priority, nothing twice, and more than is lacking by one lease at most', () => {
    const priorities = fc.integer({ min: 1, max: 5 });
    const held = fc.array(fc.record({ amount: fc.integer({ min: 1, max: 3 }), priority: priorities }), {
      maxLength: 8,
    });
    const queue = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), priorities), { maxLength: 6 });
    fc.assert(
      fc.property(held, queue, fc.integer({ min: 0, max: 3 }), (leases, wishes, free) => {
        const all = leases.map((one, place) => lease(`l${place}`, { ...one, grantedAt: place }));
        const asked = wishes.map(([amount, priority], place) => wish(`r${place}`, amount, priority));
        const taken = preemptions(new Map([['gpu', free]]), all, asked);
        for (const [id, by] of taken) {
          const of = asked.find((one) => one.id === by)!;
          const victim = all.find((one) => one.id === id)!;
          expect(victim.priority).toBeGreaterThan(of.priority);
          const sum = all.filter((one) => taken.get(one.id) === by).reduce((total, { amount }) => total + amount, 0);
          expect(sum - victim.amount).toBeLessThan(of.needs.get('gpu')!);
        }
      }),
      { numRuns: 500 },
    );
  });
});
