import type { InboundEvent, InboundReceipt } from '../../../contracts/inbound-events.js';
import type { Json } from '../../../contracts/json.js';
import type { WebhookSource } from '../../../contracts/webhook-sources.js';

const source: WebhookSource = {
  id: '019aa6f3-1b2c-7d4e-8f50-61728394a5b6',
  name: 'github',
  provider: 'github',
  url: 'https://brikk.example.com/in/3q2-7wAAAAECAwQFBgcICQoL',
  hmac: null,
  toleranceMs: 300_000,
  maxBytes: 1_048_576,
  ratePerSecond: 100,
  replayWindowMs: 259_200_000,
  sync: null,
  routes: [
    {
      name: 'opened',
      when: '$headers["x-github-event"] == "issues" and .action == "opened"',
      action: 'start',
      workflow: 'support/triage',
      input: '.issue',
    },
  ],
  state: 'active',
  previousSecretUntil: null,
  createdAt: '2026-11-22T05:30:00.000Z',
  updatedAt: '2026-11-22T05:30:00.000Z',
};

const event: InboundEvent = {
  id: '019aa6f3-2c3d-7e5f-9061-728394a5b6c7',
  sourceId: source.id,
  source: 'github',
  deliveryId: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  status: 'dispatched',
  outcome: { route: 0, routeName: 'opened', runIds: ['019aa6f3-2c40-7b6e-a1b2-c3d4e5f60719'] },
  error: null,
  bytes: 81,
  duplicates: 0,
  generation: 0,
  receivedAt: '2026-11-22T05:31:00.000Z',
  settledAt: '2026-11-22T05:31:00.012Z',
};
const receipt: InboundReceipt = { id: event.id };

/** Answers about webhooks, by the id of their schema. */
export const WEBHOOK_EXAMPLES: Record<string, Json> = {
  WebhookSource: source as unknown as Json,
  CreatedWebhookSource: { ...source, secret: 'whsec_<44 characters>' } as unknown as Json,
  InboundEvent: event as unknown as Json,
  InboundEventDetail: {
    ...event,
    headers: { 'content-type': 'application/json', 'x-github-event': 'issues' },
    body: '{"action": "opened", "issue": {"number": 7, "title": "Disk full on db-3"}}',
    encoding: 'utf8',
  } as unknown as Json,
  InboundReceipt: receipt as Json,
  ReplayedInboundEvents: { replayed: 12 },
};
