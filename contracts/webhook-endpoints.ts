import { z } from 'zod';
import { clientCertificateSchema } from './connection-name.js';
import { nameSchema } from './json.js';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/**
 * What Brikk itself sends to endpoints, beside events of the bus: how runs go, what persons are asked, what becomes of
 * endpoints and their deliveries.
 */
export const OPERATOR_TYPES = [
  'endpoint.created',
  'endpoint.updated',
  'endpoint.deleted',
  'endpoint.disabled',
  'endpoint.failing',
  'endpoint.recovered',
  'endpoint.test',
  'delivery.dead',
] as const;
export type OperatorType = (typeof OPERATOR_TYPES)[number];

/** What Brikk tells of connections to outside systems. */
export const CONNECTION_TYPES = ['connection.needs_reauth', 'connection.credential_expiring'] as const;
export type ConnectionEventType = (typeof CONNECTION_TYPES)[number];

/** What Brikk tells of the circuit breakers of connections and of webhook endpoints. */
export const BREAKER_TYPES = ['breaker.opened', 'breaker.closed'] as const;
export type BreakerEventType = (typeof BREAKER_TYPES)[number];

/** Events of a run's stream that endpoints hear under the same name. */
export const TOLD_RUN_TYPES = [
  'run.started',
  'run.waiting',
  'run.paused',
  'run.resumed',
  'run.finished',
  'approval.opened',
  'approval.decided',
  'approval.expired',
] as const;

/** Between the attempts of a delivery; with the first attempt at once, ten of them in 75.6 hours. */
export const RETRY_SCHEDULE_MS = [5_000, 300_000, 1_800_000, 2, 5, 10, 14, 20, 24].map((step) =>
  step < 1_000 ? step * HOUR_MS : step,
);
/** What is not delivered by then is dead. */
export const EXPIRES_AFTER_MS = 7 * DAY_MS;

const TYPE = /^(?:\*|[A-Za-z0-9_:/-]+(?:\.[A-Za-z0-9_:/-]+)*(?:\.\*)?)$/;
const typeSchema = z
  .string()
  .max(255)
  .regex(TYPE, 'must be a type such as order.paid, all that begin alike such as order.*, or *');

const program = z.string().min(1).max(10_000);
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,128}$/, 'must be the name of a header')
  .refine(
    (name) => !/^(host|connection|transfer-encoding|authorization|content-.*|webhook-.*)$/i.test(name),
    'is set by Brikk; a user and a password go into basicAuth',
  );
const headerValue = z
  .string()
  .max(4_096)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII');
const headers = z
  .record(headerName, headerValue)
  .refine((given) => Object.keys(given).length <= 20, 'must be at most 20')
  .describe('Sent with each delivery. Sealed at rest, and never shown again.');
const basicAuth = z.strictObject({
  username: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^:]*$/, 'must hold no colon'),
  password: z.string().min(1).max(1_024),
});

const url = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .max(2_048)
  .refine((text) => {
    const parsed = URL.parse(text);
    return parsed === null || (parsed.username === '' && parsed.password === '' && parsed.hash === '');
  }, 'must hold neither credentials nor a fragment');

export const rateLimitSchema = z
  .strictObject({ points: z.int().min(1).max(100_000), durationMs: z.int().min(100).max(DAY_MS) })
  .meta({ id: 'WebhookRateLimit' });

const settings = {
  urls: z
    .array(url)
    .min(1)
    .max(10)
    .refine((all) => new Set(all).size === all.length, 'must differ')
    .describe('Each delivery goes to one of them.'),
  types: z.array(typeSchema).min(1).max(100).describe('Which events: order.paid, order.*, or *.'),
  filter: program.describe('jq over the body as it would be sent: what it holds for is sent.'),
  transform: program.describe('jq that gives what is sent instead of the body; several values are several deliveries.'),
  format: z.enum(['standard', 'cloudevents']),
  headers,
  basicAuth,
  timeoutMs: z.int().min(1_000).max(30_000),
  retryScheduleMs: z.array(z.int().min(1_000).max(DAY_MS)).max(20).describe('Waits between the attempts.'),
  rateLimit: rateLimitSchema,
  maxInFlight: z.int().min(1).max(500).describe('Requests under way at once.'),
  ordering: z
    .enum(['block', 'skip'])
    .describe('Of one ordering key the next waits until the one before is over (block), or has failed once (skip).'),
  balance: z.enum(['round_robin', 'least_outstanding']),
};

/** `POST /v1/webhook-endpoints` */
export const createWebhookEndpointSchema = z
  .strictObject({
    name: nameSchema,
    urls: settings.urls,
    types: settings.types,
    filter: settings.filter.optional(),
    transform: settings.transform.optional(),
    format: settings.format.default('standard'),
    headers: settings.headers.optional(),
    basicAuth: settings.basicAuth.optional(),
    clientCertificate: clientCertificateSchema.optional(),
    asymmetric: z.boolean().default(false).describe('Sign with an ed25519 key, too (v1a).'),
    timeoutMs: settings.timeoutMs.default(15_000),
    retryScheduleMs: settings.retryScheduleMs.default(RETRY_SCHEDULE_MS),
    rateLimit: settings.rateLimit.optional(),
    maxInFlight: settings.maxInFlight.default(32),
    ordering: settings.ordering.default('block'),
    balance: settings.balance.default('round_robin'),
  })
  .meta({ id: 'CreateWebhookEndpoint' });
export type CreateWebhookEndpoint = z.infer<typeof createWebhookEndpointSchema>;

/** `PATCH /v1/webhook-endpoints/{id}`: what is said changes; null takes away. */
export const changeWebhookEndpointSchema = z
  .strictObject({
    name: nameSchema.optional(),
    urls: settings.urls.optional(),
    types: settings.types.optional(),
    filter: settings.filter.nullish(),
    transform: settings.transform.nullish(),
    format: settings.format.optional(),
    headers: settings.headers.nullish(),
    basicAuth: settings.basicAuth.nullish(),
    clientCertificate: clientCertificateSchema.nullish(),
    timeoutMs: settings.timeoutMs.optional(),
    retryScheduleMs: settings.retryScheduleMs.optional(),
    rateLimit: settings.rateLimit.nullish(),
    maxInFlight: settings.maxInFlight.optional(),
    ordering: settings.ordering.optional(),
    balance: settings.balance.optional(),
    state: z.enum(['active', 'disabled']).optional().describe('Active again, it begins anew: no failures are held.'),
  })
  .meta({ id: 'ChangeWebhookEndpoint' });
export type ChangeWebhookEndpoint = z.infer<typeof changeWebhookEndpointSchema>;

/** `POST /v1/webhook-endpoints/{id}/secret/rotate` */
export const rotateEndpointSecretSchema = z
  .strictObject({
    kind: z.enum(['hmac', 'ed25519']).default('hmac'),
    overlapMs: z
      .int()
      .min(0)
      .max(7 * DAY_MS)
      .default(DAY_MS)
      .describe('How long the keys before it still sign, too.'),
  })
  .meta({ id: 'RotateEndpointSecret' });
export type RotateEndpointSecret = z.infer<typeof rotateEndpointSecretSchema>;

export const DISABLED_REASONS = ['by_hand', 'gone', 'blocked', 'failing'] as const;

export const endpointUrlSchema = z
  .object({
    url: z.string(),
    state: z.enum(['active', 'gone']).describe('gone: it answered 410.'),
    failures: z.int().describe('In a row.'),
    ejectedUntil: z.string().nullable(),
  })
  .meta({ id: 'WebhookEndpointUrl' });

/** Where events go. Secrets, values of headers and the password are never readable. */
export const webhookEndpointSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    urls: z.array(endpointUrlSchema),
    types: z.array(z.string()),
    filter: z.string().nullable(),
    transform: z.string().nullable(),
    format: settings.format,
    headers: z.array(z.string()).describe('Their names.'),
    username: z.string().nullable().describe('Of basic authentication.'),
    clientCertificate: z.string().nullable().describe('The connection whose certificate is shown.'),
    timeoutMs: z.int(),
    retryScheduleMs: z.array(z.int()),
    rateLimit: rateLimitSchema.nullable(),
    maxInFlight: z.int(),
    ordering: settings.ordering,
    balance: settings.balance,
    state: z.enum(['active', 'disabled']),
    disabledReason: z.enum(DISABLED_REASONS).nullable(),
    breaker: z.enum(['closed', 'open']),
    failingSince: z.string().nullable().describe('Since then nothing but failures.'),
    heldUntil: z.string().nullable().describe('Until then nothing is sent: the breaker is open, or it asked to wait.'),
    publicKeys: z.array(z.string()).describe('whpk_ and base64: verify v1a by one of them.'),
    keys: z
      .array(z.object({ kind: z.enum(['hmac', 'ed25519']), createdAt: z.string(), expiresAt: z.string().nullable() }))
      .describe('Those that sign.'),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'WebhookEndpoint' });
export type WebhookEndpoint = z.infer<typeof webhookEndpointSchema>;

export const createdWebhookEndpointSchema = webhookEndpointSchema
  .extend({
    secret: z.string().optional().describe('whsec_ and base64; shown here and never again.'),
    keyShown: z.literal(true).optional().describe('A repeat of an idempotent request: the secret was shown before.'),
  })
  .meta({ id: 'CreatedWebhookEndpoint' });
/** With its secret, which is shown this once. */
export type CreatedWebhookEndpoint = z.infer<typeof createdWebhookEndpointSchema>;
