import { describe, expect, it } from '@jest/globals';
import { eventsTable, publishedLine } from './events.js';

describe('brikk events', () => {
  it('says who hears an event, or that it was accepted before', () => {
    expect(publishedLine({ id: 'e', deliveries: 1 })).toBe('e is accepted; 1 listener hears it.');
    expect(publishedLine({ id: 'e', deliveries: 0 })).toBe('e is accepted; 0 listeners hear it.');
    expect(publishedLine({ id: 'e', duplicate: true })).toMatch(/before/);
  });

  it('lists events with where they went, and says how to begin where there are none', () => {
    expect(eventsTable([])).toMatch(/brikk events publish/);
    const event = { type: 'order.paid', id: 'p-7', source: '/shop' };
    const deliveries = { pending: 1, delivered: 2, dropped: 3 };
    const acceptedAt = new Date().toISOString();
    expect(eventsTable([{ event, orderingKey: null, runId: null, publishedBy: null, acceptedAt, deliveries }])).toMatch(
      /order\.paid +p-7 +\/shop +1 +2 +3/,
    );
  });
});
