import type { InboundEvent, InboundReceipt } from '../../../contracts/inbound-events.js';
import type { Json } from '../../../contracts/json.js';
import type { WebhookAttempt, WebhookDelivery } from '../../../contracts/webhook-deliveries.js';
import { RETRY_SCHEDULE_MS, type WebhookEndpoint } from '../../../contracts/webhook-endpoints.js';
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

const endpoint: WebhookEndpoint = {
  id: '019aa6f3-3d4e-7f60-a172-8394a5b6c7d8',
  name: 'shop',
  urls: [{ url: 'https://shop.example.com/hooks', state: 'active', failures: 0, ejectedUntil: null }],
  types: ['order.*'],
  filter: null,
  transform: null,
  format: 'standard',
  headers: [],
  username: null,
  clientCertificate: null,
  timeoutMs: 15_000,
  retryScheduleMs: RETRY_SCHEDULE_MS,
  rateLimit: null,
  maxInFlight: 32,
  ordering: 'block',
  balance: 'round_robin',
  state: 'active',
  disabledReason: null,
  breaker: 'closed',
  failingSince: null,
  heldUntil: null,
  publicKeys: [],
  keys: [{ kind: 'hmac', createdAt: '2026-11-22T08:00:00.000Z', expiresAt: null }],
  createdAt: '2026-11-22T08:00:00.000Z',
  updatedAt: '2026-11-22T08:00:00.000Z',
};

const delivery: WebhookDelivery = {
  id: '019aa6f3-4e5f-7071-b283-94a5b6c7d8e9',
  endpointId: endpoint.id,
  endpoint: endpoint.name,
  messageId: 'msg_019aa6f3-4e50-7071-b283-94a5b6c7d8e0',
  type: 'order.paid',
  orderingKey: 'order-7',
  status: 'retrying',
  reason: null,
  error: null,
  attempts: 1,
  generation: 0,
  dueAt: '2026-11-22T08:01:05.210Z',
  createdAt: '2026-11-22T08:01:00.000Z',
  settledAt: null,
};

const attempt: WebhookAttempt = {
  n: 1,
  generation: 0,
  trigger: 'schedule',
  url: 'https://shop.example.com/hooks',
  startedAt: '2026-11-22T08:01:00.010Z',
  latencyMs: 84,
  outcome: 'http',
  statusCode: 503,
  response: 'try later',
  truncated: false,
  nextAt: '2026-11-22T08:01:05.210Z',
};

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
  WebhookEndpoint: endpoint as unknown as Json,
  CreatedWebhookEndpoint: { ...endpoint, secret: 'whsec_<44 characters>' } as unknown as Json,
  WebhookDelivery: delivery as unknown as Json,
  WebhookAttempt: attempt as unknown as Json,
  ReplayedWebhookDeliveries: { replayed: 12 },
};
