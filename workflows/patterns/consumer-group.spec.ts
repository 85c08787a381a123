import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConsumerGroup } from './consumer-group.js';

describe('a consumer group', () => {
  it('shares items evenly, and gives the next one to the first free member', () => {
    const group = new ConsumerGroup(['a', 'b']);
    expect([1, 2, 3].map(() => group.assign(undefined))).toEqual(['a', 'b', 'a']);
    group.release('b');
    expect(group.assign(undefined)).toBe('b');
  });

  it('keeps a key at its member until an item fails there, then at the next', () => {
    const group = new ConsumerGroup(['a', 'b']);
    expect([group.assign('k'), group.assign('k')]).toEqual(['a', 'a']);
    expect([group.assign('k', 'a'), group.assign('k')]).toEqual(['b', 'b']);
  });

  it('asks the only member again', () => {
    expect(new ConsumerGroup(['a']).assign(undefined, 'a')).toBe('a');
  });

  it('never has a member busier by more than one item without keys', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(60), (members, items) => {
        const group = new ConsumerGroup(Array.from({ length: members }, (_, index) => `m${index}`));
        const counts = new Map<string, number>();
        for (let item = 0; item < items; item += 1) {
          const member = group.assign(undefined);
          counts.set(member, (counts.get(member) ?? 0) + 1);
        }
        const loads = Array.from({ length: members }, (_, index) => counts.get(`m${index}`) ?? 0);
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
