import { z } from 'zod';
import { nameSchema } from './json.js';
import { AUTH_KINDS, PROVIDER_NAMES } from './providers.js';
import { workflowReferenceSchema } from './workflows.js';

const secret = z.string().min(1).max(16_384);
const pem = (what: string) =>
  secret.refine(
    (text) => text.includes(`${what}-----`) && text.trim().startsWith('-----BEGIN '),
    `must be PEM: -----BEGIN … ${what}-----`,
  );
const address = z
  .url({ protocol: /^https?$|^smtps?$/, error: 'must be an http, https, smtp or smtps URL' })
  .max(2_048)
  .refine((text) => !hasUserinfo(text), 'must not carry credentials: they belong into auth');

function hasUserinfo(text: string): boolean {
  return /^[a-z]+:\/\/[^/?#]*@/i.test(text);
}

const webAddress = z.url({ protocol: /^https?$/ }).max(2_048);
/** What an authorization request says by itself (RFC 6749, 4.1.1; RFC 7636, 4.3). */
const OWN_PARAMETERS = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
];

const oauth2Schema = z
  .strictObject({
    kind: z.literal('oauth2'),
    grant: z.enum(['client_credentials', 'authorization_code', 'refresh_token']),
    authorizationUrl: webAddress.optional().describe('Where a person agrees; only of `authorization_code`.'),
    authorizationParameters: z
      .record(z.string().regex(/^[\w.-]{1,64}$/, 'must be the name of a parameter'), z.string().max(1_024))
      .refine((given) => !OWN_PARAMETERS.some((name) => name in given), `must be none of ${OWN_PARAMETERS.join(', ')}`)
      .optional()
      .describe('What the authority wants to be told besides, such as `access_type: offline`.'),
    tokenUrl: webAddress,
    clientId: z.string().min(1).max(1_024),
    clientSecret: secret.optional(),
    clientAuthentication: z.enum(['basic', 'post']).default('post'),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope'))
      .max(100)
      .default([]),
    refreshToken: secret.optional().describe('Of an agreement that a person gave elsewhere.'),
  })
  .superRefine(({ grant, clientSecret, refreshToken, authorizationUrl, authorizationParameters }, context) => {
    const wrong = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (grant === 'client_credentials' && clientSecret === undefined) wrong('clientSecret', 'is needed by this grant');
    if (grant !== 'refresh_token' && refreshToken !== undefined) wrong('refreshToken', 'is none of this grant');
    if (grant === 'refresh_token' && refreshToken === undefined) wrong('refreshToken', 'is needed by this grant');
    const isAsked = grant === 'authorization_code';
    if (isAsked && authorizationUrl === undefined) wrong('authorizationUrl', 'is needed by this grant');
    if (!isAsked && authorizationUrl !== undefined) wrong('authorizationUrl', 'is none of this grant');
    if (!isAsked && authorizationParameters !== undefined) wrong('authorizationParameters', 'is none of this grant');
  });
export type OAuth2Auth = z.infer<typeof oauth2Schema>;

const githubAppSchema = z.strictObject({
  kind: z.literal('githubApp'),
  appId: z.string().regex(/^[A-Za-z0-9.]{1,64}$/, 'must be the id of the app, or its client id'),
  installationId: z.string().regex(/^[0-9]{1,20}$/, 'must be the number of the installation'),
  privateKey: pem('PRIVATE KEY').describe('Of the app, PEM.'),
});
export type GitHubAppAuth = z.infer<typeof githubAppSchema>;

const mtlsSchema = z.strictObject({
  kind: z.literal('mtls'),
  certificate: pem('CERTIFICATE').describe('PEM, with those between it and an authority that the server knows.'),
  key: pem('PRIVATE KEY').describe('Of the certificate, PEM, not encrypted.'),
  authorities: pem('CERTIFICATE')
    .optional()
    .describe('PEM: who may sign for the server, in place of the well-known ones.'),
});
export type MtlsAuth = z.infer<typeof mtlsSchema>;

/** What is exchanged for tokens that live for a while. */
export type TokenAuth = OAuth2Auth | GitHubAppAuth;
export const hasTokens = (auth: ConnectionAuth): auth is TokenAuth =>
  auth.kind === 'oauth2' || auth.kind === 'githubApp';

export type PersonGrant = OAuth2Auth & { grant: 'authorization_code'; authorizationUrl: string };

/** Whether a person has to agree before there is a token. */
export const needsPerson = (auth: ConnectionAuth): auth is PersonGrant =>
  auth.kind === 'oauth2' && auth.grant === 'authorization_code';

/** With what a token is asked for after a person has agreed. */
export interface OAuthCode {
  code: string;
  redirectUri: string;
  /** PKCE (RFC 7636). */
  verifier: string;
}
/** What an authority is shown for a token, beside who asks. */
export type TokenProof = { refreshToken: string } | OAuthCode;

/** What an authority gives. */
export interface FreshTokens {
  token: string;
  refreshToken: string | null;
  lifeMs: number;
  /** It is renewed so long before its end, in place of what is usual. */
  marginMs?: number;
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
    githubAppSchema,
    mtlsSchema,
  ])
  .meta({ id: 'ConnectionAuth' });
export type ConnectionAuth = z.infer<typeof connectionAuthSchema>;

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
    maxInFlight: settings.maxInFlight,
    fallback: settings.fallback,
    credentialVersion: z.int().min(0).describe('Counts its credentials; 0: revoked.'),
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
