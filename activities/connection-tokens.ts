import type { WebConnector } from '../connectors/web/web.connector.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import type { FreshTokens, OAuth2Auth } from '../contracts/connections.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import { parseRetryAfter } from '../connectors/lib/retry-after.js';
import { tokenRequest } from './oauth-request.js';

/** Of tokens that do not say how long they live. */
const UNKNOWN_LIFE_MS = 3_600_000;

/**
 * Asks the authority for a token. Fails `connector.auth` when it says no for good, and `connector.unavailable` when it may
 * say something else later.
 */
export async function askForTokens(
  web: Pick<WebConnector, 'request'>,
  auth: OAuth2Auth,
  refreshToken: string | undefined,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<FreshTokens> {
  const uri = auth.tokenUrl;
  const host = new URL(uri).host;
  const { headers, body } = tokenRequest(policyOf(auth), uri, refreshToken);
  try {
    const answer = await web.request({ method: 'post', uri, headers, body, timeoutMs, signal });
    const { access_token: token, refresh_token: next, expires_in: life, error } = objectIn(answer.bytes);
    if (answer.status === 200 && typeof token === 'string')
      return {
        token,
        refreshToken: typeof next === 'string' ? next : (refreshToken ?? null),
        lifeMs: Number(life) > 0 ? Number(life) * 1_000 : UNKNOWN_LIFE_MS,
      };
    const reason = typeof error === 'string' && /^[\w.-]{1,64}$/.test(error) ? error : `it answered ${answer.status}`;
    const isAway = answer.status === 429 || answer.status >= 500;
    const retryAfterMs = isAway ? parseRetryAfter(answer.headers['retry-after']) : undefined;
    throw new BrikkError(isAway ? 'connector.unavailable' : 'connector.auth', `${host} gave no token: ${reason}`, {
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  } catch (error) {
    if (!(error instanceof WebFailure) || error.kind === 'canceled') throw error;
    throw new BrikkError('connector.unavailable', `${host} gave no token: ${error.message}`, { cause: error });
  }
}

const policyOf = ({ grant, clientId, clientSecret, clientAuthentication, scopes }: OAuth2Auth) => ({
  kind: 'oauth2' as const,
  authority: '',
  tokenPath: '',
  grant,
  client: {
    id: clientId,
    ...(clientSecret !== undefined && { secret: clientSecret }),
    authentication: clientSecret === undefined ? ('none' as const) : (`client_secret_${clientAuthentication}` as const),
  },
  encoding: 'application/x-www-form-urlencoded' as const,
  issuers: [],
  audiences: [],
  scopes,
});

function objectIn(bytes: Buffer): Record<string, Json> {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as Json;
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
