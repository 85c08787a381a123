import type { Json } from '../../../contracts/json.js';

/** Bodies of `POST /v1/events`. */
export const EVENT_EXAMPLES: Record<string, Json> = {
  plain: { type: 'com.example.order.paid', data: { order: 7, amount: 42 }, orderingKey: 'order-7' },
  cloudEvent: {
    specversion: '1.0',
    id: 'a1b2c3',
    source: 'https://shop.example.com',
    type: 'com.example.order.shipped',
    time: '2026-11-21T16:30:00Z',
    data: { order: 7 },
  },
};
