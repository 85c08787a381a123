import type { WebConnector } from '../connectors/web/web.connector.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import { installationRequest, installationToken } from '../connectors/github/installation-token.js';
import {
  type FreshTokens,
  needsPerson,
  type OAuth2Auth,
  type TokenAuth,
  type TokenProof,
} from '../contracts/connection-auth.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import { parseRetryAfter } from '../connectors/lib/retry-after.js';
import { tokenRequest } from './oauth-request.js';

/** Of tokens that do not say how long they live. */
const UNKNOWN_LIFE_MS = 3_600_000;
/** Of those that nothing renews: until they are refused. */
const UNLIMITED_LIFE_MS = 10 * 365 * 86_400_000;

interface Asking {
  /** Of the connection, where an app of GitHub asks. */
  baseUrl: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Asks the authority for a token. Fails `connector.auth` when it says no for good, and `connector.unavailable` when it may
 * say something else later.
 */
export async function askForTokens(
  web: Pick<WebConnector, 'request'>,
  auth: TokenAuth,
  proof: TokenProof | undefined,
  { baseUrl, timeoutMs, signal }: Asking,
): Promise<FreshTokens> {
  if (needsPerson(auth) && !proof)
    throw new BrikkError('connector.auth', 'The agreement is over: somebody has to authorise the connection again');
  const asked =
    auth.kind === 'githubApp'
      ? await installationRequest(auth, baseUrl)
      : { uri: auth.tokenUrl, ...tokenRequest(policyOf(auth), auth.tokenUrl, proof) };
  const { host } = new URL(asked.uri);
  try {
    const { status, headers, bytes } = await web.request({ method: 'post', ...asked, timeoutMs, signal });
    const given = objectIn(bytes);
    const tokens = auth.kind === 'githubApp' ? installationToken(given) : oauthTokens(given, auth, proof);
    if (status >= 200 && status < 300 && tokens) return tokens;
    const { error } = given;
    const reason = typeof error === 'string' && /^[\w.-]{1,64}$/.test(error) ? error : `it answered ${status}`;
    const retryAfterMs = parseRetryAfter(headers['retry-after']);
    const isAway = status === 429 || status >= 500 || (status === 403 && retryAfterMs !== undefined);
    throw new BrikkError(isAway ? 'connector.unavailable' : 'connector.auth', `${host} gave no token: ${reason}`, {
      ...(isAway && retryAfterMs !== undefined && { retryAfterMs }),
    });
  } catch (error) {
    if (!(error instanceof WebFailure) || error.kind === 'canceled') throw error;
    throw new BrikkError('connector.unavailable', `${host} gave no token: ${error.message}`, { cause: error });
  }
}

/** As RFC 6749, 5.1 has them; undefined when there is none. */
function oauthTokens(
  { access_token: token, refresh_token: next, expires_in: life }: Record<string, Json>,
  auth: OAuth2Auth,
  proof: TokenProof | undefined,
): FreshTokens | undefined {
  if (typeof token !== 'string') return undefined;
  const known = proof && 'refreshToken' in proof ? proof.refreshToken : null;
  const refreshToken = typeof next === 'string' ? next : known;
  const untoldMs = needsPerson(auth) && refreshToken === null ? UNLIMITED_LIFE_MS : UNKNOWN_LIFE_MS;
  return { token, refreshToken, lifeMs: Number(life) > 0 ? Number(life) * 1_000 : untoldMs };
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
