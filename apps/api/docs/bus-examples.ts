import type { BusEvent, PublishedEvent } from '../../../contracts/event-bus.js';
import type { Json } from '../../../contracts/json.js';
import { CONNECTION_ANSWERS } from './connection-examples.js';
import { WEBHOOK_EXAMPLES } from './webhook-examples.js';

const published: PublishedEvent = { id: 'a1b2c3', deliveries: 2 };

const listed: BusEvent = {
  event: {
    id: 'a1b2c3',
    specversion: '1.0',
    source: 'https://shop.example.com',
    type: 'com.example.order.shipped',
    time: '2026-11-21T16:30:00Z',
    data: { order: 7 },
  },
  orderingKey: null,
  runId: null,
  publishedBy: { type: 'api-key', id: '019f7a3e-2b61-7c11-8a55-3f0c6f2f9a10', via: 'api' },
  acceptedAt: '2026-11-21T16:30:00.412Z',
  deliveries: { pending: 0, delivered: 2, dropped: 0 },
};

/** Of the event bus and what comes to it from outside, by the names of their schemas. */
export const BUS_EXAMPLES: Record<string, Json> = {
  PublishedEvent: published,
  PublishedEvents: { items: [published, { id: 'a1b2c4', duplicate: true }] },
  BusEvent: listed,
  ...WEBHOOK_EXAMPLES,
  ...CONNECTION_ANSWERS,
};
