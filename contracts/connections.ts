import { z } from 'zod';
import { nameSchema } from './json.js';
import { PROVIDER_NAMES } from './providers.js';

/** How a connection proves who it is. */
export const AUTH_KINDS = ['none', 'bearer', 'apiKey', 'basic', 'signing', 'oauth2'] as const;
export type AuthKind = (typeof AUTH_KINDS)[number];

const secret = z.string().min(1).max(16_384);
const address = z
  .url({ protocol: /^https?$|^smtps?$/, error: 'must be an http, https, smtp or smtps URL' })
  .max(2_048)
  .refine((text) => !hasUserinfo(text), 'must not carry credentials: they belong into auth');

function hasUserinfo(text: string): boolean {
  return /^[a-z]+:\/\/[^/?#]*@/i.test(text);
}

const oauth2Schema = z
  .strictObject({
    kind: z.literal('oauth2'),
    grant: z.enum(['client_credentials', 'refresh_token']),
    tokenUrl: z.url({ protocol: /^https?$/ }).max(2_048),
    clientId: z.string().min(1).max(1_024),
    clientSecret: secret.optional(),
    clientAuthentication: z.enum(['basic', 'post']).default('post'),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope'))
      .max(100)
      .default([]),
    refreshToken: secret.optional().describe('Of an agreement that a person gave elsewhere.'),
  })
  .superRefine(({ grant, clientSecret, refreshToken }, context) => {
    const wrong = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (grant === 'client_credentials' && clientSecret === undefined) wrong('clientSecret', 'is needed by this grant');
    if (grant === 'client_credentials' && refreshToken !== undefined) wrong('refreshToken', 'is none of this grant');
    if (grant === 'refresh_token' && refreshToken === undefined) wrong('refreshToken', 'is needed by this grant');
  });
export type OAuth2Auth = z.infer<typeof oauth2Schema>;

/** What an authority gives. */
export interface FreshTokens {
  token: string;
  refreshToken: string | null;
  lifeMs: number;
}

/** What proves who asks; sealed at rest, never readable again. */
export const connectionAuthSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('bearer'), token: secret }),
    z.strictObject({
      kind: z.literal('apiKey'),
      header: z.string().regex(/^[A-Za-z0-9-]{1,128}$/, 'must be the name of a header'),
      key: secret,
    }),
    z.strictObject({ kind: z.literal('basic'), username: z.string().min(1).max(1_024), password: secret }),
    z.strictObject({
      kind: z.literal('signing'),
      secret: z
        .string()
        .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'must be whsec_ and base64 of 24 to 64 bytes')
        .describe('Signs what is sent, and is not sent itself.'),
    }),
    oauth2Schema,
  ])
  .meta({ id: 'ConnectionAuth' });
export type ConnectionAuth = z.infer<typeof connectionAuthSchema>;

/** Calls in a time that all workers share. */
const rateLimitSchema = z.strictObject({
  points: z.int().min(1).max(1_000_000),
  durationMs: z.int().min(1_000).max(86_400_000),
});

const settings = {
  baseUrls: z
    .array(address)
    .max(10)
    .refine((urls) => new Set(urls).size === urls.length, 'must be different')
    .describe('Where its system is, in place of the address of the provider.'),
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
};

/** `POST /v1/connections` */
export const createConnectionSchema = z
  .strictObject({
    name: nameSchema,
    provider: z.enum(PROVIDER_NAMES),
    auth: connectionAuthSchema,
    baseUrls: settings.baseUrls.default([]),
    flavour: settings.flavour.default(null),
    settings: settings.settings.default({}),
    allowedHosts: settings.allowedHosts.default([]),
    rateLimit: settings.rateLimit.default(null),
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
  })
  .meta({ id: 'ChangeConnection' });
export type ChangeConnection = z.infer<typeof changeConnectionSchema>;

/** `PUT /v1/connections/{id}/credential` */
export const putCredentialSchema = z.strictObject({ auth: connectionAuthSchema }).meta({ id: 'PutCredential' });
export type PutCredential = z.infer<typeof putCredentialSchema>;

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
    credentialVersion: z.int().min(0).describe('Counts its credentials; 0: revoked.'),
    lastError: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Connection' });
export type Connection = z.infer<typeof connectionSchema>;

/** What came of a test call. */
export const connectionTestSchema = z
  .object({
    ok: z.boolean(),
    latencyMs: z.number(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'ConnectionTest' });
export type ConnectionTest = z.infer<typeof connectionTestSchema>;
