import { z } from 'zod';
import { connectionAuthSchema } from './connection-auth.js';
import { nameSchema } from './json.js';
import { AUTH_KINDS, PROVIDER_NAMES } from './providers.js';
import { workflowReferenceSchema } from './workflows.js';

const address = z
  .url({ protocol: /^https?$|^smtps?$/, error: 'must be an http, https, smtp or smtps URL' })
  .max(2_048)
  .refine((text) => !hasUserinfo(text), 'must not carry credentials: they belong into auth');

function hasUserinfo(text: string): boolean {
  return /^[a-z]+:\/\/[^/?#]*@/i.test(text);
}

/** Calls in a time that all workers share. */
const rateLimitSchema = z.strictObject({
  points: z.int().min(1).max(1_000_000),
  durationMs: z.int().min(1_000).max(86_400_000),
});

/** Who stands in when the system does not answer. */
const fallbackSchema = z.union([
  z.strictObject({ connection: nameSchema }),
  z.strictObject({ workflow: workflowReferenceSchema }),
]);

const settings = {
  baseUrls: z
    .array(address)
    .max(10)
    .refine((urls) => new Set(urls).size === urls.length, 'must be different')
    .describe(
      'Where its system is, in place of the address of the provider. Calls take turns; one that fails is left out.',
    ),
  flavour: z.string().max(64).nullable().describe('Which of the kinds of a provider its system is.'),
  settings: z
    .record(nameSchema, z.union([z.string().max(4_096), z.number(), z.boolean()]))
    .refine((given) => Object.keys(given).length <= 32, 'must be at most 32')
    .describe('What the provider needs besides, such as the sender of e-mail. Nothing secret.'),
  allowedHosts: z
    .array(z.string().regex(/^(\*\.)?[A-Za-z0-9.-]{1,253}$/, 'must be a host such as api.example.com or *.example.com'))
    .max(50)
    .describe('Hosts beside those of its base URLs that its calls may reach.'),
  rateLimit: rateLimitSchema.nullable().describe('Calls in a time, for all workers together.'),
  maxInFlight: z.int().min(1).max(10_000).nullable().describe('Calls at once, for all workers together.'),
  fallback: fallbackSchema
    .nullable()
    .describe(
      'Another connection of the provider, or a workflow: after the last retry, and while the circuit is open.',
    ),
};

/** What a connection is given to prove who asks. */
const credential = {
  auth: connectionAuthSchema,
  expiresAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('When the system says that it ends. Certificates say it by themselves.'),
};
const DAY_MS = 86_400_000;

/** `POST /v1/connections` */
export const createConnectionSchema = z
  .strictObject({
    name: nameSchema,
    provider: z.enum(PROVIDER_NAMES),
    ...credential,
    baseUrls: settings.baseUrls.default([]),
    flavour: settings.flavour.default(null),
    settings: settings.settings.default({}),
    allowedHosts: settings.allowedHosts.default([]),
    rateLimit: settings.rateLimit.default(null),
    maxInFlight: settings.maxInFlight.default(null),
    fallback: settings.fallback.default(null),
  })
  .meta({ id: 'CreateConnection' });
export type CreateConnection = z.infer<typeof createConnectionSchema>;

/** `PATCH /v1/connections/{id}`: what is said changes. */
export const changeConnectionSchema = z
  .strictObject({
    name: nameSchema.optional(),
    baseUrls: settings.baseUrls.optional(),
    flavour: settings.flavour.optional(),
    settings: settings.settings.optional(),
    allowedHosts: settings.allowedHosts.optional(),
    rateLimit: settings.rateLimit.optional(),
    maxInFlight: settings.maxInFlight.optional(),
    fallback: settings.fallback.optional(),
  })
  .meta({ id: 'ChangeConnection' });
export type ChangeConnection = z.infer<typeof changeConnectionSchema>;

/** `PUT /v1/connections/{id}/credential` */
export const putCredentialSchema = z.strictObject(credential).meta({ id: 'PutCredential' });
export type PutCredential = z.infer<typeof putCredentialSchema>;

/** `POST /v1/connections/{id}/rotate` */
export const rotateCredentialSchema = z
  .strictObject({
    ...credential,
    overlapMs: z
      .int()
      .min(0)
      .max(30 * DAY_MS)
      .default(DAY_MS)
      .describe('How long the credential before is tried where this one is refused.'),
  })
  .meta({ id: 'RotateCredential' });
export type RotateCredential = z.infer<typeof rotateCredentialSchema>;

export const CONNECTION_STATUSES = ['pending', 'active', 'needs_reauth', 'revoked'] as const;

/** A connection as everybody sees it: its credential is never readable again. */
export const connectionSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    provider: z.enum(PROVIDER_NAMES),
    authKind: z.enum(AUTH_KINDS),
    status: z
      .enum(CONNECTION_STATUSES)
      .describe('pending: nobody has agreed yet. needs_reauth: its credential was refused, and no call goes out.'),
    baseUrls: settings.baseUrls,
    flavour: settings.flavour,
    settings: settings.settings,
    allowedHosts: settings.allowedHosts,
    rateLimit: settings.rateLimit,
    maxInFlight: settings.maxInFlight,
    fallback: settings.fallback,
    credentialVersion: z.int().min(0).describe('Counts its credentials; 0: revoked.'),
    previousUntil: z
      .string()
      .nullable()
      .describe('Until then the credential before is tried where this one is refused.'),
    expiresAt: z.string().nullable().describe('When its credential ends; null: nobody knows.'),
    lastError: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Connection' });
export type Connection = z.infer<typeof connectionSchema>;

/** `GET /v1/connections`, `/{id}`: with the calls that wait for it now. */
export const connectionInUseSchema = connectionSchema
  .extend({
    queue: z
      .object({
        waiting: z.int().min(0).describe('Calls that a limit, the system or its circuit breaker has put off.'),
        oldestMs: z.number().min(0).nullable().describe('How long the first of them has been waiting.'),
      })
      .describe('By the priority of their runs and by age.'),
  })
  .meta({ id: 'ConnectionInUse' });
export type ConnectionInUse = z.infer<typeof connectionInUseSchema>;

/** What came of a test call. */
export const connectionTestSchema = z
  .object({
    ok: z.boolean(),
    latencyMs: z.number(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'ConnectionTest' });
export type ConnectionTest = z.infer<typeof connectionTestSchema>;

/** Where a person agrees that a connection acts in their name. */
export const authorizationSchema = z
  .object({
    url: z.string().describe('To be opened in a browser, once.'),
    expiresAt: z.string(),
  })
  .meta({ id: 'ConnectionAuthorization' });
export type Authorization = z.infer<typeof authorizationSchema>;

/** `GET /v1/oauth/callback`: as authorities send a browser back (RFC 6749, 4.1.2), with whatever they add. */
export const oauthCallbackSchema = z.looseObject({
  state: z.string().min(1).max(512),
  code: z.string().min(1).max(4_096).optional(),
  error: z.string().max(256).optional(),
});
export type OAuthCallback = z.infer<typeof oauthCallbackSchema>;
