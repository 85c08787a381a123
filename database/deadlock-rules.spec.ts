import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AwaitedRequest, deadlocks, type WorkHolding } from './deadlock-rules.js';
import { grantable } from './lease-rules.js';

const wait = (work: string, needs: Record<string, number>, change: Partial<AwaitedRequest> = {}): AwaitedRequest => ({
  id: `${work}-${Object.keys(needs).join()}`,
  work,
  needs: new Map(Object.entries(needs)),
  priority: 3,
  requestedAt: 0,
  ...change,
});
const has = (work: string, resource: string, amount = 1): WorkHolding => ({ work, resource, amount });
const CAPACITY = new Map([
  ['gpu', 2],
  ['seat', 1],
  ['line', 1],
]);

describe('deadlocks of resources', () => {
  const cross = [has('a', 'seat'), has('b', 'line')];

  it('are two that hold what the other waits for: the youngest is refused, and the circle begins with it', () => {
    const queue = [wait('a', { line: 1 }), wait('b', { seat: 1 }, { requestedAt: 5 })];
    expect(deadlocks(CAPACITY, cross, queue)).toEqual([
      {
        requestId: 'b-seat',
        cycle: [
          { work: 'b', resource: 'seat', leaseId: 'b-seat' },
          { work: 'a', resource: 'line', leaseId: 'a-line' },
        ],
      },
    ]);
  });

  it('refuse the lowest priority before the youngest', () => {
    const queue = [wait('b', { seat: 1 }, { requestedAt: 5 }), wait('a', { line: 1 }, { priority: 5 })];
    expect(deadlocks(CAPACITY, cross, queue)).toMatchObject([{ requestId: 'a-line' }]);
  });

  it('are found behind one who stands before another in the queue and waits for what that one holds', () => {
    const queue = [wait('large', { gpu: 2 }), wait('holder', { gpu: 1 }, { requestedAt: 1 })];
    const [found] = deadlocks(CAPACITY, [has('holder', 'gpu')], queue);
    expect(found?.cycle.map(({ work }) => work)).toEqual(['holder', 'large']);
  });

  it('are none where somebody who waits for nothing will give back what is lacking', () => {
    const busy = [...cross, has('other', 'gpu', 2)];
    expect(deadlocks(CAPACITY, busy, [wait('a', { gpu: 1 }), wait('b', { seat: 1 })])).toEqual([]);
    expect(deadlocks(CAPACITY, busy, [wait('c', { seat: 1 }), wait('c', { line: 1 })])).toEqual([]);
  });

  it('are none for a request that can never be served', () => {
    expect(deadlocks(CAPACITY, [has('a', 'seat')], [wait('a', { gpu: 9 })])).toEqual([]);
  });

  it('are all resolved, and only those: whoever is left can end, and nobody is refused who could end without it', () => {
    const names = ['gpu', 'seat', 'line'];
    const resource = fc.constantFrom(...names);
    const work = fc.constantFrom('a', 'b', 'c', 'd');
    const holdings = fc.array(fc.tuple(work, resource), { maxLength: 6 });
    const waits = fc.array(fc.tuple(work, resource, fc.integer({ min: 1, max: 2 })), { maxLength: 8 });
    fc.assert(
      fc.property(holdings, waits, (held, asked) => {
        const free = new Map(CAPACITY);
        const held1: WorkHolding[] = [];
        for (const [who, what] of held)
          if (free.get(what)! > 0) {
            free.set(what, free.get(what)! - 1);
            held1.push(has(who, what));
          }
        const queue = asked.map(([who, what, amount], place) => ({
          ...wait(who, { [what]: Math.min(amount, CAPACITY.get(what)!) }, { requestedAt: place }),
          id: `r${place}`,
        }));
        const found = deadlocks(CAPACITY, held1, queue);
        const refused = new Set(found.map(({ requestId }) => requestId));
        const left = queue.filter(({ id }) => !refused.has(id));
        expect(endless(held1, left)).toEqual([]);
        if (found.length > 0) expect(endless(held1, queue)).not.toEqual([]);
        for (const { requestId } of found) expect(endless(held1, queue).map(({ id }) => id)).toContain(requestId);
      }),
      { numRuns: 500 },
    );
  });
});

/** Who never gets its turn, played through: all who wait for nothing give back what they hold. */
function endless(holdings: readonly WorkHolding[], queue: readonly AwaitedRequest[]): AwaitedRequest[] {
  let left = [...queue];
  for (let before = -1; before !== left.length;) {
    before = left.length;
    const inUse = new Map<string, number>();
    for (const { work, resource, amount } of holdings)
      if (left.some((request) => request.work === work)) inUse.set(resource, (inUse.get(resource) ?? 0) + amount);
    const granted = grantable(CAPACITY, inUse, left);
    left = left.filter(({ id }) => !granted.includes(id));
  }
  return left;
}
