import { describe, expect, it } from '@jest/globals';
import type { CloudEvent } from '../../contracts/event-bus.js';
import { EventInbox } from './event-inbox.js';

const waiting = (inbox: EventInbox) => inbox.carried().waiting as CloudEvent[];

describe('signals of a run', () => {
  it('are events of their name, each with an id of its own', () => {
    const inbox = new EventInbox('r-1');
    inbox.receive({ name: 'paid', data: { order: 7 } }, 0);
    inbox.receive({ name: 'paid', data: { order: 7 } }, 1_000);
    const event = {
      specversion: '1.0',
      type: 'paid',
      source: 'https://brikk.dev/runs/r-1/signals',
      data: { order: 7 },
    };
    expect(waiting(inbox)).toEqual([
      { ...event, id: '1', time: '1970-01-01T00:00:00.000Z' },
      { ...event, id: '2', time: '1970-01-01T00:00:01.000Z' },
    ]);
  });

  it('are heard once when they come again under the same id', () => {
    const inbox = new EventInbox('r-1');
    for (const data of [1, 2]) inbox.receive({ name: 'paid', data, id: 'same' }, 0);
    expect(waiting(inbox).map(({ data }) => data)).toEqual([1]);
  });

  it('that carry a CloudEvent are that event, and anything else is data', () => {
    const inbox = new EventInbox('r-1');
    const event = { id: 'e', specversion: '1.0', type: 't', source: '/s' };
    inbox.receive({ name: 'n', data: event }, 0);
    for (const data of [null, [event], { ...event, id: 5 }]) inbox.receive({ name: 'n', data }, 0);
    expect(waiting(inbox).map(({ type }) => type)).toEqual(['t', 'n', 'n', 'n']);
  });
});
