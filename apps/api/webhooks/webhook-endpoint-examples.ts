import type { Json } from '../../../contracts/json.js';

/** Bodies of `POST /v1/webhook-endpoints`. */
export const ENDPOINT_EXAMPLES: Record<string, Json> = {
  orders: { name: 'shop', urls: ['https://shop.example.com/hooks'], types: ['order.*'] },
  chat: {
    name: 'chat',
    urls: ['https://chat.example.com/incoming'],
    types: ['run.finished'],
    filter: '.data.status == "failed"',
    transform: '{text: "Run \\(.data.runId) failed: \\(.data.terminationReason)"}',
    rateLimit: { points: 10, durationMs: 1_000 },
  },
};
