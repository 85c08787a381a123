import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { idealMakespanMs } from './work-report.js';
import { WorkQueue } from './work-queue.js';

const items = fc.array(fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }), { maxLength: 40 });
const choices = fc.infiniteStream(fc.nat(100));

describe('the queue of work', () => {
  it('gives every item out exactly once, of each key one at a time and in order', () => {
    fc.assert(
      fc.property(items, choices, (partitions, picks) => {
        const queue = new WorkQueue<{ id: number; partition?: string }>();
        for (const [id, partition] of partitions.entries()) queue.add({ id, partition });
        const busy: { id: number; partition?: string }[] = [];
        const given: { id: number; partition?: string }[] = [];
        for (let step = 0; step < partitions.length * 3 + 3; step += 1) {
          const isTaking = (picks.next().value ?? 0) % 2 === 0;
          const taken = isTaking || busy.length === 0 ? queue.take() : undefined;
          if (taken) {
            if (taken.partition !== undefined)
              expect(busy.map(({ partition }) => partition)).not.toContain(taken.partition);
            busy.push(taken);
            given.push(taken);
          } else if (busy.length > 0) {
            const [over] = busy.splice((picks.next().value ?? 0) % busy.length, 1);
            queue.done(over!);
          }
        }
        for (let rest = queue.take(); rest || busy.length > 0; rest = queue.take()) {
          if (rest) given.push(rest);
          queue.done(rest ?? busy.pop()!);
        }
        expect(given.map(({ id }) => id).toSorted((one, other) => one - other)).toEqual(partitions.map((_, id) => id));
        for (const key of ['a', 'b', 'c']) {
          const ofKey = given.filter(({ partition }) => partition === key).map(({ id }) => id);
          expect(ofKey).toEqual(ofKey.toSorted((one, other) => one - other));
        }
      }),
    );
  });

  it('never lets one key hold up another', () => {
    const queue = new WorkQueue<{ id: number; partition?: string }>();
    for (const [id, partition] of ['a', 'a', 'b'].entries()) queue.add({ id, partition });
    expect([queue.take()?.id, queue.take()?.id, queue.take()]).toEqual([0, 2, undefined]);
    queue.done({ id: 0, partition: 'a' });
    expect(queue.take()?.id).toBe(1);
  });
});

describe('the ideal makespan', () => {
  it('is at least the even share, the longest item and the longest chain, and at most all of the work', () => {
    const times = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 10 }), (busy, workers) => {
        const total = busy.reduce((sum, ms) => sum + ms, 0);
        const ideal = idealMakespanMs(busy, [], workers);
        expect(ideal).toBeGreaterThanOrEqual(Math.max(total / workers, ...busy));
        expect(ideal).toBeLessThanOrEqual(total);
        expect(idealMakespanMs(busy, [total], workers)).toBe(total);
      }),
    );
  });
});
