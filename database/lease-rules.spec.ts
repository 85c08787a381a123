import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aheadOf, grantable } from './lease-rules.js';

const NAMES = ['gpu', 'seat', 'line'];
const amounts = fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), fc.integer({ min: 1, max: 4 })), {
  selector: ([name]) => name,
  minLength: 1,
  maxLength: 2,
});
const queues = fc
  .array(amounts, { minLength: 3, maxLength: 20, size: 'max' })
  .map((list) => list.map((needs, place) => ({ id: `r${place}`, needs: new Map(needs) })));
const capacityOf = fc.tuple(...NAMES.map((name) => fc.tuple(fc.constant(name), fc.integer({ min: 1, max: 8 }))));
const shares = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);
const heldOf = (capacities: Map<string, number>, share: number) =>
  new Map([...capacities].map(([name, capacity]) => [name, Math.floor(capacity * share)]));
const one = (id: string, needs: Record<string, number>) => ({ id, needs: new Map(Object.entries(needs)) });

describe('the grant of resources', () => {
  it('never gives out more than there is, and serves a request with all it needs or with nothing', () => {
    fc.assert(
      fc.property(queues, capacityOf, shares, (queue, pairs, share) => {
        const capacities = new Map(pairs);
        const used = heldOf(capacities, share);
        const granted = grantable(capacities, used, queue);
        for (const { id, needs } of queue)
          if (granted.includes(id)) for (const [name, amount] of needs) used.set(name, (used.get(name) ?? 0) + amount);
        for (const [name, capacity] of capacities) expect(used.get(name)).toBeLessThanOrEqual(capacity);
      }),
      { numRuns: 500 },
    );
  });

  it('lets nobody overtake one that wants the same, but for requests that can never be served', () => {
    fc.assert(
      fc.property(queues, capacityOf, shares, (queue, pairs, share) => {
        const capacities = new Map(pairs);
        const granted = new Set(grantable(capacities, heldOf(capacities, share), queue));
        const servable = queue.filter(({ needs }) => [...needs].every(([name, n]) => n <= (capacities.get(name) ?? 0)));
        for (const [place, { id, needs }] of servable.entries()) {
          if (!granted.has(id)) continue;
          const before = servable.slice(0, place).filter((other) => [...other.needs.keys()].some((n) => needs.has(n)));
          for (const other of before) expect(granted).toContain(other.id);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('leaves nothing idle that the first in turn could use', () => {
    fc.assert(
      fc.property(queues, capacityOf, (queue, pairs) => {
        const capacities = new Map(pairs);
        const granted = grantable(capacities, new Map(), queue);
        const first = queue.find(({ needs }) => [...needs].every(([name, n]) => n <= (capacities.get(name) ?? 0)));
        expect(granted[0]).toBe(first?.id);
      }),
      { numRuns: 500 },
    );
  });

  it('goes on with those that want something else', () => {
    const queue = [one('large', { gpu: 4 }), one('small', { gpu: 1 }), one('other', { seat: 1 })];
    const capacities = new Map([
      ['gpu', 4],
      ['seat', 1],
    ]);
    expect(grantable(capacities, new Map([['gpu', 1]]), queue)).toEqual(['other']);
    expect(grantable(capacities, new Map(), queue)).toEqual(['large', 'other']);
  });

  it('counts those before a request that want what it wants', () => {
    const queue = [one('a', { gpu: 1 }), one('b', { seat: 1 }), one('c', { gpu: 1, seat: 1 }), one('d', { seat: 2 })];
    expect(['a', 'b', 'c', 'd', 'e'].map((id) => aheadOf(queue, id))).toEqual([0, 0, 2, 2, 0]);
  });
});
