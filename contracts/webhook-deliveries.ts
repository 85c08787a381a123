import { z } from 'zod';
import { pageQuerySchema } from './lists.js';
import { DAY_MS } from './webhook-endpoints.js';

/** `pending` and `retrying` wait, `sending` is on its way; the others are over. */
export const WEBHOOK_STATUSES = [
  'pending',
  'sending',
  'retrying',
  'delivered',
  'dead',
  'cancelled',
  'skipped',
] as const;
/** `pending` and `retrying` wait, `sending` is on its way; the others are over. */
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];
export const OPEN_WEBHOOK_STATUSES = ['pending', 'sending', 'retrying'] as const satisfies readonly WebhookStatus[];

export const DELIVERY_REASONS = [
  'exhausted',
  'expired',
  'gone',
  'transform_error',
  'unreadable',
  'filtered',
  'blocked',
  'endpoint_disabled',
] as const;
export type DeliveryReason = (typeof DELIVERY_REASONS)[number];

/** How an attempt ended: `http` is an answer that is not 2xx. */
export const ATTEMPT_OUTCOMES = ['ok', 'http', 'dns', 'tls', 'timeout', 'refused', 'reset', 'blocked'] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

export const TRIGGERS = ['schedule', 'manual', 'replay', 'test'] as const;
export type Trigger = (typeof TRIGGERS)[number];

export const webhookDeliverySchema = z
  .object({
    id: z.string(),
    endpointId: z.string(),
    endpoint: z.string().describe('Its name.'),
    messageId: z.string().describe('The webhook-id: the same in every attempt.'),
    type: z.string(),
    orderingKey: z.string().nullable(),
    status: z.enum(WEBHOOK_STATUSES),
    reason: z.enum(DELIVERY_REASONS).nullable(),
    error: z.string().nullable(),
    attempts: z.int().describe('Since it was accepted, or replayed.'),
    generation: z.int().describe('How often it was replayed.'),
    dueAt: z.string().nullable().describe('Of the next attempt.'),
    createdAt: z.string(),
    settledAt: z.string().nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
/** An event on its way to an endpoint. */
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

export const webhookAttemptSchema = z
  .object({
    n: z.int(),
    generation: z.int(),
    trigger: z.enum(TRIGGERS),
    url: z.string(),
    startedAt: z.string(),
    latencyMs: z.int(),
    outcome: z.enum(ATTEMPT_OUTCOMES),
    statusCode: z.int().nullable(),
    response: z.string().nullable().describe('At most 16 KiB of the answer, or what went wrong.'),
    truncated: z.boolean(),
    nextAt: z.string().nullable(),
  })
  .meta({ id: 'WebhookAttempt' });
/** One attempt to deliver: when, how long, and what was answered. */
export type WebhookAttempt = z.infer<typeof webhookAttemptSchema>;

const which = {
  endpoint: z.uuid('must be the id of an endpoint').optional(),
  status: z.enum(WEBHOOK_STATUSES).optional(),
  type: z.string().max(255).optional(),
};
export const listWebhookDeliveriesSchema = pageQuerySchema.extend(which);
export type ListWebhookDeliveries = z.infer<typeof listWebhookDeliveriesSchema>;

const time = z.iso.datetime({ offset: true, error: 'must be a time of RFC 3339' });
export const MAX_REPLAYED = 10_000;

/** `POST /v1/webhook-deliveries/replay` */
export const replayDeliveriesSchema = z
  .strictObject({
    filter: z.strictObject({
      endpoint: which.endpoint,
      status: z.enum(['dead', 'cancelled', 'skipped', 'delivered']).default('dead'),
      type: which.type,
      since: time.optional(),
      until: time.optional(),
    }),
    dryRun: z.boolean().default(false).describe('Only count.'),
  })
  .meta({ id: 'ReplayWebhookDeliveries' });
export type ReplayDeliveries = z.infer<typeof replayDeliveriesSchema>;

/** `POST /v1/webhook-endpoints/{id}/recover` */
export const recoverEndpointSchema = z
  .strictObject({
    since: time.refine((text) => Date.parse(text) > Date.now() - 14 * DAY_MS, 'must be within the last 14 days'),
  })
  .meta({ id: 'RecoverWebhookEndpoint' });
export type RecoverEndpoint = z.infer<typeof recoverEndpointSchema>;

export const replayedDeliveriesSchema = z
  .object({
    replayed: z.int().describe(`At most ${MAX_REPLAYED}, the oldest first.`),
    dryRun: z.literal(true).optional(),
  })
  .meta({ id: 'ReplayedWebhookDeliveries' });
/** How many deliveries are sent again, or would be. */
export type ReplayedDeliveries = z.infer<typeof replayedDeliveriesSchema>;
