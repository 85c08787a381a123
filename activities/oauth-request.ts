import { createHmac, randomUUID } from 'node:crypto';
import type { OAuthCode, TokenProof } from '../contracts/connection-auth.js';
import type { OAuthPolicy } from './oauth-policy.js';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ASSERTION_LIFE_S = 300;

/** The request for a token, also by a refresh token or the code of an agreement with its PKCE verifier (RFC 6749; token exchange: RFC 8693; assertions of clients: RFC 7523). */
export function tokenRequest(
  policy: OAuthPolicy,
  endpoint: string,
  proof = policy.grant === 'refresh_token' ? ownProof(policy) : undefined,
): { headers: Record<string, string>; body: string } {
  const { client, scopes, audiences, encoding } = policy;
  const headers: Record<string, string> = { accept: 'application/json', 'content-type': encoding };
  if (client.authentication === 'client_secret_basic')
    headers['authorization'] =
      `Basic ${Buffer.from(`${formEncoded(client.id)}:${formEncoded(client.secret)}`).toString('base64')}`;
  const fields = [
    ...grantFields(policy, proof),
    ...(scopes.length > 0 && !isCode(proof) ? [['scope', scopes.join(' ')]] : []),
    ...audiences.map((audience) => ['audience', audience]),
    ...clientFields(client, endpoint),
  ] as [string, string][];
  const body =
    encoding === 'application/json' ? JSON.stringify(grouped(fields)) : new URLSearchParams(fields).toString();
  return { headers, body };
}

function grantFields(policy: OAuthPolicy, proof: TokenProof | undefined): string[][] {
  if (isCode(proof))
    return [
      ['grant_type', 'authorization_code'],
      ['code', proof.code],
      ['redirect_uri', proof.redirectUri],
      ['code_verifier', proof.verifier],
    ];
  if (proof)
    return [
      ['grant_type', 'refresh_token'],
      ['refresh_token', proof.refreshToken],
    ];
  const { grant, username, password, subject, actor } = policy;
  return [
    ['grant_type', grant],
    ...(grant === 'password' ? [...field('username', username), ...field('password', password)] : []),
    ...(grant.endsWith('token-exchange')
      ? [
          ...field('subject_token', subject?.token),
          ...field('subject_token_type', subject?.type),
          ...field('actor_token', actor?.token),
          ...field('actor_token_type', actor?.type),
        ]
      : []),
  ];
}

function clientFields({ id, secret, assertion, authentication }: OAuthPolicy['client'], endpoint: string): string[][] {
  switch (authentication) {
    case 'client_secret_basic':
      return [];
    case 'none':
      return field('client_id', id);
    case 'client_secret_post':
      return [...field('client_id', id), ...field('client_secret', secret)];
    case 'client_secret_jwt':
    case 'private_key_jwt': {
      const signed = assertion ?? signedBySecret(id, secret, endpoint);
      return [
        ...field('client_id', id),
        ['client_assertion_type', ASSERTION_TYPE],
        ...field('client_assertion', signed),
      ];
    }
  }
}

/** HS256: only the holder of the client's secret can make it. */
function signedBySecret(id: string | undefined, secret: string | undefined, audience: string): string | undefined {
  if (id === undefined || secret === undefined) return undefined;
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: id, sub: id, aud: audience, jti: randomUUID(), iat: now, exp: now + ASSERTION_LIFE_S };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const isCode = (proof: TokenProof | undefined): proof is OAuthCode => proof !== undefined && 'code' in proof;

const ownProof = ({ subject }: OAuthPolicy): TokenProof | undefined => subject && { refreshToken: subject.token };

const field = (name: string, value: string | undefined): string[][] => (value === undefined ? [] : [[name, value]]);

/** As forms write it (RFC 6749, 2.3.1). */
const formEncoded = (value = ''): string => new URLSearchParams({ '': value }).toString().slice(1);

const grouped = (fields: [string, string][]): Record<string, string | string[]> =>
  Object.fromEntries(
    fields.map(([name]) => {
      const values = fields.filter(([other]) => other === name).map(([, value]) => value);
      return [name, values.length === 1 ? (values[0] as string) : values];
    }),
  );
