import { z } from 'zod';

const secret = z.string().min(1).max(16_384);
const pem = (what: string) =>
  secret.refine(
    (text) => text.includes(`${what}-----`) && text.trim().startsWith('-----BEGIN '),
    `must be PEM: -----BEGIN … ${what}-----`,
  );
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
