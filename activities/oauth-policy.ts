import type { Json } from '../contracts/json.js';
import { fieldsOf, PartError } from './call-parts.js';

const GRANTS = [
  'client_credentials',
  'password',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:token-exchange',
] as const;
const METHODS = ['client_secret_post', 'client_secret_basic', 'client_secret_jwt', 'private_key_jwt', 'none'] as const;

/** A policy `oauth2` or `oidc` with everything evaluated. */
export interface OAuthPolicy {
  kind: 'oauth2' | 'oidc';
  authority: string;
  /** `authorization_code` is none of definitions, which nobody can agree to. */
  grant: (typeof GRANTS)[number] | 'authorization_code';
  client: { id?: string; secret?: string; assertion?: string; authentication: (typeof METHODS)[number] };
  encoding: 'application/x-www-form-urlencoded' | 'application/json';
  issuers: string[];
  scopes: string[];
  audiences: string[];
  username?: string;
  password?: string;
  subject?: OAuthToken;
  actor?: OAuthToken;
  /** Relative to the authority. */
  tokenPath: string;
}

export interface OAuthToken {
  token: string;
  type: string;
}

/** Fails with a PartError that names the field. */
export function readOAuthPolicy(kind: 'oauth2' | 'oidc', given: Json): OAuthPolicy {
  const fields = fieldsOf(given, kind);
  const client = fieldsOf(fields['client'], `${kind}.client`);
  const { encoding = 'application/x-www-form-urlencoded' } = fieldsOf(fields['request'], `${kind}.request`);
  const { token = '/oauth2/token' } = fieldsOf(fields['endpoints'], `${kind}.endpoints`);
  if (fields['grant'] === 'authorization_code')
    throw new PartError('expression.failed', `${kind}.grant authorization_code needs a person: use another grant`);
  return {
    kind,
    authority: text(fields['authority'], `${kind}.authority`),
    grant: oneOf(fields['grant'], GRANTS, `${kind}.grant`),
    client: {
      ...texts(client, ['id', 'secret', 'assertion'], `${kind}.client`),
      authentication: oneOf(
        client['authentication'] ?? (client['assertion'] === undefined ? 'client_secret_post' : 'private_key_jwt'),
        METHODS,
        `${kind}.client.authentication`,
      ),
    },
    encoding: oneOf(
      encoding,
      ['application/x-www-form-urlencoded', 'application/json'] as const,
      `${kind}.request.encoding`,
    ),
    issuers: list(fields['issuers'], `${kind}.issuers`),
    scopes: list(fields['scopes'], `${kind}.scopes`),
    audiences: list(fields['audiences'], `${kind}.audiences`),
    ...texts(fields, ['username', 'password'], kind),
    ...tokens(fields, ['subject', 'actor'], kind),
    tokenPath: text(token, `${kind}.endpoints.token`),
  };
}

function text(value: Json | undefined, what: string): string {
  if (typeof value === 'string') return value;
  throw new PartError('expression.failed', `${what} must be text`);
}

function oneOf<const T extends string>(value: Json | undefined, allowed: readonly T[], what: string): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new PartError('expression.failed', `${what} must be one of ${allowed.join(', ')}`);
}

function list(value: Json | undefined, what: string): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new PartError('expression.failed', `${what} must be a list of texts`);
  return value.map((one) => text(one, what));
}

const texts = <Name extends string>(
  fields: { [name: string]: Json },
  names: Name[],
  what: string,
): { [Field in Name]?: string } =>
  Object.fromEntries(
    names.flatMap((name) => (fields[name] === undefined ? [] : [[name, text(fields[name], `${what}.${name}`)]])),
  ) as { [Field in Name]?: string };

const tokens = <Name extends string>(
  fields: { [name: string]: Json },
  names: Name[],
  what: string,
): { [Field in Name]?: OAuthToken } =>
  Object.fromEntries(
    names.flatMap((name) => {
      if (fields[name] === undefined) return [];
      const { token, type } = fieldsOf(fields[name], `${what}.${name}`);
      return [
        [name, { token: text(token, `${what}.${name}.token`), type: text(type, `${what}.${name}.type`) }] as const,
      ];
    }),
  ) as { [Field in Name]?: OAuthToken };
