import type { Json } from '../contracts/json.js';
import { fieldsOf, PartError } from './call-parts.js';
import { digestAuthorization } from './digest-authorization.js';
import { readOAuthPolicy } from './oauth-policy.js';
import type { Asking, OAuthTokens } from './oauth-tokens.js';

/** How a server is asked by somebody. */
export interface Credentials {
  /** `Authorization` of a first request; digest has none before the server asks for it. */
  header?: string;
  /** `$authorization`. */
  description: Json;
  /** What no output and no message may show. */
  secrets: Json[];
  /** With what a request that was answered 401 is made once more; undefined: the answer stands. */
  again?: (challenge: string, request: Addressed) => Promise<string | undefined>;
}

interface Addressed {
  method: string;
  uri: string;
}

/** What a policy says of who asks. Fails with a PartError, an AuthenticationError or a WebFailure. */
export async function credentialsOf(
  tokens: OAuthTokens,
  policy: Json | undefined,
  asking: Asking,
): Promise<Credentials> {
  if (policy === undefined) return { description: null, secrets: [] };
  const [[kind, given] = ['', null]] = Object.entries(fieldsOf(policy, 'authentication'));
  switch (kind) {
    case 'bearer':
      return bearing(textIn(given, kind, 'token'));
    case 'basic': {
      const parameter = Buffer.from(`${textIn(given, kind, 'username')}:${textIn(given, kind, 'password')}`);
      return described('Basic', parameter.toString('base64'));
    }
    case 'digest': {
      const login = { username: textIn(given, kind, 'username'), password: textIn(given, kind, 'password') };
      return {
        description: { scheme: 'Digest', parameter: null },
        secrets: [],
        again: async (challenge, request) => digestAuthorization(challenge, request, login),
      };
    }
    case 'oauth2':
    case 'oidc': {
      const read = readOAuthPolicy(kind, given);
      const again = async () => {
        tokens.forget(read, asking);
        return `Bearer ${await tokens.token(read, asking)}`;
      };
      return { ...bearing(await tokens.token(read, asking)), again };
    }
    default:
      throw new PartError('expression.failed', 'authentication must be basic, bearer, digest, oauth2 or oidc');
  }
}

/** Sends what the policy asks for, at most twice. */
export async function sendAs<
  Answer extends { status: number; headers: Record<string, string>; body?: { destroy(): unknown } },
>(
  { header, again }: Credentials,
  request: Addressed,
  send: (header: string | undefined) => Promise<Answer>,
): Promise<Answer> {
  const answer = await send(header);
  if (answer.status !== 401 || !again) return answer;
  const next = await again(answer.headers['www-authenticate'] ?? '', request);
  if (next === undefined) return answer;
  answer.body?.destroy();
  return send(next);
}

const bearing = (token: string): Credentials => described('Bearer', token);

/** As RFC 9110, 11.4 writes credentials. */
const described = (scheme: string, parameter: string): Credentials => ({
  header: `${scheme} ${parameter}`,
  description: { scheme, parameter },
  secrets: [parameter],
});

function textIn(given: Json, what: string, name: string): string {
  const value = fieldsOf(given, what)[name];
  if (typeof value === 'string') return value;
  throw new PartError('expression.failed', `${what}.${name} must be text`);
}
