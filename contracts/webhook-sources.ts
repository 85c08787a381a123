import { z } from 'zod';
import { jsonSchema, nameSchema } from './json.js';
import { jqSchema, webhookRouteSchema } from './webhook-routes.js';

const HOUR_MS = 3_600_000;

/** Who signs, and how; `hmac` says it itself, and an app of Jira's sends a bearer token. */
export const WEBHOOK_PROVIDERS = ['github', 'slack', 'jira', 'jira-app', 'standard', 'stripe', 'hmac'] as const;
export type WebhookProvider = (typeof WEBHOOK_PROVIDERS)[number];

const header = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,128}$/, 'must be the name of a header')
  .transform((name) => name.toLowerCase());

/** An HMAC over the raw body, as a provider that is none of the known ones sends it. */
export const hmacSchemeSchema = z
  .strictObject({
    header: header.describe('Holds the signature.'),
    algorithm: z.enum(['sha256', 'sha512', 'sha1']).default('sha256').describe('sha1 needs allowSha1.'),
    allowSha1: z.literal(true).optional(),
    encoding: z.enum(['hex', 'base64']).default('hex'),
    prefix: z.string().max(64).default('').describe('Before the signature, such as sha256=.'),
    template: z.string().max(200).default('{body}').describe('What is signed, of {id}, {timestamp} and {body}.'),
    timestampHeader: header.optional().describe('Holds Unix seconds.'),
    idHeader: header.optional().describe('Names the delivery.'),
  })
  .superRefine((scheme, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (scheme.algorithm === 'sha1' && !scheme.allowSha1) wrong('algorithm', 'sha1 is weak: say allowSha1 to take it');
    if (scheme.template.split('{body}').length !== 2) wrong('template', 'must hold {body} once');
    if (scheme.template.includes('{timestamp}') !== (scheme.timestampHeader !== undefined))
      wrong('timestampHeader', 'goes with {timestamp} in the template: one that is not signed proves nothing');
    if (scheme.template.includes('{id}') && scheme.idHeader === undefined)
      wrong('idHeader', 'is needed for {id} in the template');
  })
  .meta({ id: 'HmacScheme' });
export type HmacScheme = z.infer<typeof hmacSchemeSchema>;

/** The provider is answered with what the run gave, if that is there in time. */
export const webhookSyncSchema = z
  .strictObject({
    waitMs: z.int().min(100).max(25_000).default(10_000).describe('For the end of the run; then the answer is 202.'),
    respond: jqSchema
      .default('.')
      .describe('jq over the output of the run, with $status (of the run) and $run (its id), that gives the answer.'),
  })
  .meta({ id: 'WebhookSync' });
export type WebhookSync = z.infer<typeof webhookSyncSchema>;
export const RESPOND_VARIABLES = ['status', 'run'] as const;

const secret = z
  .string()
  .min(8)
  .max(512)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'must be printable ASCII without spaces around it')
  .describe('As the provider shows it; made up when missing, to be given to the provider. Never shown again.');

const settings = {
  hmac: hmacSchemeSchema.optional().describe('Of the provider hmac, and of no other.'),
  toleranceMs: z.int().min(1_000).max(HOUR_MS).describe('How far a signed time may be off, both ways.'),
  maxBytes: z
    .int()
    .min(1_024)
    .max(25 * 1_024 * 1_024),
  ratePerSecond: z.int().min(1).max(10_000),
  replayWindowMs: z
    .int()
    .min(0)
    .max(30 * 24 * HOUR_MS)
    .describe('How long the same body is the same event, where the provider signs no id; 0: bodies are not compared.'),
  sync: webhookSyncSchema.nullable().describe('Answers with the output of the run that a route starts.'),
  routes: z.array(webhookRouteSchema).max(50).describe('In their order; the first that fits has the event.'),
  state: z.enum(['active', 'disabled']).describe('To a disabled source there is no URL.'),
};

/** `POST /v1/webhook-sources` */
export const createWebhookSourceSchema = z
  .strictObject({
    name: nameSchema,
    provider: z.enum(WEBHOOK_PROVIDERS),
    secret: secret.optional(),
    hmac: settings.hmac,
    toleranceMs: settings.toleranceMs.default(300_000),
    maxBytes: settings.maxBytes.default(1_024 * 1_024),
    ratePerSecond: settings.ratePerSecond.default(100),
    replayWindowMs: settings.replayWindowMs.default(72 * HOUR_MS),
    sync: settings.sync.default(null),
    routes: settings.routes.default([]),
    state: settings.state.default('active'),
  })
  .meta({ id: 'CreateWebhookSource' });
export type CreateWebhookSource = z.infer<typeof createWebhookSourceSchema>;

/** `PATCH /v1/webhook-sources/{id}`: what is said changes. */
export const changeWebhookSourceSchema = z
  .strictObject({
    name: nameSchema.optional(),
    hmac: settings.hmac,
    toleranceMs: settings.toleranceMs.optional(),
    maxBytes: settings.maxBytes.optional(),
    ratePerSecond: settings.ratePerSecond.optional(),
    replayWindowMs: settings.replayWindowMs.optional(),
    sync: settings.sync.optional(),
    routes: settings.routes.optional(),
    state: settings.state.optional(),
  })
  .meta({ id: 'ChangeWebhookSource' });
export type ChangeWebhookSource = z.infer<typeof changeWebhookSourceSchema>;

/** `POST /v1/webhook-sources/{id}/secret/rotate` */
export const rotateSecretSchema = z
  .strictObject({
    secret: secret.optional(),
    overlapMs: z
      .int()
      .min(0)
      .max(7 * 24 * HOUR_MS)
      .default(24 * HOUR_MS)
      .describe('How long the secret before it still verifies.'),
  })
  .meta({ id: 'RotateWebhookSecret' });
export type RotateSecret = z.infer<typeof rotateSecretSchema>;

/** `POST /v1/webhook-sources/{id}/test`: a delivery as the provider would send it, signed by us. */
export const testWebhookSchema = z
  .strictObject({
    body: jsonSchema,
    headers: z
      .record(header, z.string().max(1_024))
      .default({})
      .refine((given) => Object.keys(given).length <= 50, 'must be at most 50')
      .describe('Such as X-GitHub-Event.'),
  })
  .meta({ id: 'TestWebhook' });
export type TestWebhook = z.infer<typeof testWebhookSchema>;

/** A source of events from outside. Its secrets are never readable. */
export const webhookSourceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    provider: z.enum(WEBHOOK_PROVIDERS),
    url: z.string().describe('Where the provider posts. Whoever knows it still has to sign.'),
    hmac: hmacSchemeSchema.nullable(),
    toleranceMs: z.int(),
    maxBytes: z.int(),
    ratePerSecond: z.int(),
    replayWindowMs: z.int(),
    sync: webhookSyncSchema.nullable(),
    routes: z.array(webhookRouteSchema),
    state: z.enum(['active', 'disabled']),
    previousSecretUntil: z.string().nullable().describe('Until then the secret before verifies, too.'),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'WebhookSource' });
export type WebhookSource = z.infer<typeof webhookSourceSchema>;

const shownOnce = {
  secret: z.string().optional().describe('Shown here and never again.'),
  keyShown: z.literal(true).optional().describe('A repeat of an idempotent request: the secret was shown before.'),
};
export const createdWebhookSourceSchema = webhookSourceSchema.extend(shownOnce).meta({ id: 'CreatedWebhookSource' });
/** With its secret, which is shown this once. */
export type CreatedWebhookSource = z.infer<typeof createdWebhookSourceSchema>;
