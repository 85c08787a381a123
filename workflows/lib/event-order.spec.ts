import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CloudEvent, NumberedEvent } from '../../contracts/event-bus.js';
import { EventInbox } from './event-inbox.js';

const eventOf = (n: number, size = 1): CloudEvent => ({
  id: String(n),
  specversion: '1.0',
  type: 't',
  source: '/s',
  data: 'x'.repeat(size),
});
const numbered = (n: number): NumberedEvent => ({ number: n, event: eventOf(n) });
const idsOf = (inbox: EventInbox) => (inbox.carried().waiting as CloudEvent[]).map(({ id }) => Number(id));
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe('events of the bus', () => {
  it('are heard in the order of their numbers and once, however deliveries overtake and repeat each other', () => {
    const deliveries = fc
      .integer({ min: 1, max: 40 })
      .chain((count) =>
        fc.tuple(
          fc.constant(count),
          fc.shuffledSubarray([...upTo(count), ...upTo(count)], { minLength: 2 * count, maxLength: 2 * count }),
          fc.integer({ min: 1, max: 7 }),
        ),
      );
    fc.assert(
      fc.property(deliveries, ([count, numbers, width]) => {
        let inbox = new EventInbox('r');
        for (let at = 0; at < numbers.length; at += width) {
          inbox.receiveNumbered(numbers.slice(at, at + width).map(numbered));
          // In a new history it goes on where it was.
          inbox = new EventInbox('r', structuredClone(inbox.carried()));
        }
        expect(idsOf(inbox)).toEqual(upTo(count));
      }),
    );
  });

  it('wait in front of a gap until it is filled', () => {
    const inbox = new EventInbox('r');
    inbox.receiveNumbered([numbered(2), numbered(3)]);
    expect(idsOf(inbox)).toEqual([]);
    inbox.receiveNumbered([numbered(1)]);
    expect(idsOf(inbox)).toEqual([1, 2, 3]);
  });

  it('are lost beyond a thousand or a mebibyte that nobody took, and the run is told of each', () => {
    const dropped: string[] = [];
    const inbox = new EventInbox('r', {}, ({ id }) => void dropped.push(id));
    inbox.receiveNumbered(upTo(1_002).map(numbered));
    expect(idsOf(inbox)).toEqual(upTo(1_000));
    expect(dropped).toEqual(['1001', '1002']);
    const large = new EventInbox('r', {}, ({ id }) => void dropped.push(id));
    for (const n of [1, 2, 3, 4, 5]) large.add(eventOf(n, 250_000));
    expect(idsOf(large)).toEqual([1, 2, 3, 4]);
    expect(dropped.at(-1)).toBe('5');
  });
});
