import { createHash } from 'node:crypto';
import type { WebConnector } from '../connectors/web/web.connector.js';
import type { Json } from '../contracts/json.js';
import { type OAuthPolicy } from './oauth-policy.js';
import { tokenRequest } from './oauth-request.js';

/** There is no token: the authority says no, or what it says cannot be used. */
export class AuthenticationError extends Error {
  constructor(
    message: string,
    readonly code: 'authentication.failed' | `http.${number}` = 'authentication.failed',
  ) {
    super(message);
    this.name = 'AuthenticationError';
  }
}

/** How the authority is asked. */
export interface Asking {
  orgId: string;
  timeoutMs: number;
  signal: AbortSignal;
}

interface Held {
  token: string;
  refreshToken?: string;
  usableUntilMs: number;
}

const MAX_HELD = 1_000;
/** A token is given up this long before it expires, a short-lived one after half of its life. */
const MARGIN_MS = 30_000;
/** Of tokens that do not say how long they live. */
const UNKNOWN_LIFE_MS = 60_000;

/**
 * Access tokens of OAuth 2 and OpenID Connect, kept by organisation and policy in this process alone until they expire;
 * who asks for one at the same time shares the request.
 */
export class OAuthTokens {
  private readonly held = new Map<string, Promise<Held>>();

  constructor(
    private readonly web: Pick<WebConnector, 'request'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Fails with an AuthenticationError, or a WebFailure when the authority is not there. */
  async token(policy: OAuthPolicy, asking: Asking): Promise<string> {
    const id = idOf(policy, asking);
    const known = this.held.get(id);
    const held = await known?.catch(() => undefined);
    if (held && held.usableUntilMs > this.now()) return held.token;
    const begun = this.held.get(id);
    if (begun && begun !== known) return (await begun).token;
    return (await this.keep(id, this.fetch(policy, asking, held?.refreshToken))).token;
  }

  /** The server refused a token: the next one is a new one. */
  forget(policy: OAuthPolicy, asking: Asking): void {
    this.held.delete(idOf(policy, asking));
  }

  private keep(id: string, request: Promise<Held>): Promise<Held> {
    this.held.delete(id);
    this.held.set(id, request);
    const [oldest] = this.held.keys();
    if (this.held.size > MAX_HELD && oldest !== undefined) this.held.delete(oldest);
    request.catch(() => {
      if (this.held.get(id) === request) this.held.delete(id);
    });
    return request;
  }

  private async fetch(policy: OAuthPolicy, asking: Asking, refreshToken: string | undefined): Promise<Held> {
    const endpoint = await this.endpointOf(policy, asking);
    const refreshed = refreshToken === undefined ? undefined : await this.ask(policy, endpoint, asking, refreshToken);
    const answer = refreshed?.status === 200 ? refreshed : await this.ask(policy, endpoint, asking);
    const { access_token: token, expires_in: life, refresh_token: next, error } = answer.body;
    const host = new URL(endpoint).host;
    if (answer.status !== 200) {
      const reason = typeof error === 'string' && /^[\w.-]{1,64}$/.test(error) ? error : `it answered ${answer.status}`;
      const message = `${host} gave no token: ${reason}`;
      throw new AuthenticationError(message, answer.status >= 500 ? `http.${answer.status}` : 'authentication.failed');
    }
    if (typeof token !== 'string') throw new AuthenticationError(`${host} answered without an access_token`);
    checkIssuer(policy, token);
    const lifeMs = Number(life) > 0 ? Number(life) * 1_000 : UNKNOWN_LIFE_MS;
    const kept = typeof next === 'string' ? next : refreshToken;
    return {
      token,
      ...(kept !== undefined && { refreshToken: kept }),
      usableUntilMs: this.now() + lifeMs - Math.min(MARGIN_MS, lifeMs / 2),
    };
  }

  private async ask(policy: OAuthPolicy, uri: string, { timeoutMs, signal }: Asking, refreshToken?: string) {
    const { headers, body } = tokenRequest(policy, uri, refreshToken === undefined ? undefined : { refreshToken });
    const { status, bytes } = await this.web.request({ method: 'post', uri, headers, body, timeoutMs, signal });
    return { status, body: objectIn(bytes) };
  }

  private async endpointOf(policy: OAuthPolicy, { timeoutMs, signal }: Asking): Promise<string> {
    const authority = policy.authority.replace(/\/+$/, '');
    if (policy.kind === 'oauth2')
      return URL.canParse(policy.tokenPath) ? policy.tokenPath : `${authority}/${policy.tokenPath.replace(/^\/+/, '')}`;
    const uri = `${authority}/.well-known/openid-configuration`;
    const headers = { accept: 'application/json' };
    const { status, bytes } = await this.web.request({ method: 'get', uri, headers, timeoutMs, signal });
    const { token_endpoint: endpoint, issuer } = objectIn(bytes);
    const host = URL.parse(uri)?.host ?? 'the authority';
    if (status !== 200 || typeof endpoint !== 'string')
      throw new AuthenticationError(
        `${host} has no OpenID configuration: it answered ${status}`,
        status >= 500 ? `http.${status}` : 'authentication.failed',
      );
    const { issuers } = policy;
    if (issuers.length > 0 && !(typeof issuer === 'string' && issuers.includes(issuer)))
      throw new AuthenticationError(`${host} is none of the issuers ${issuers.join(', ')}`);
    return endpoint;
  }
}

/** Tokens that nobody but their server can read name no issuer. */
function checkIssuer({ issuers }: OAuthPolicy, token: string): void {
  const [, claims, signature] = token.split('.');
  if (issuers.length === 0 || claims === undefined || signature === undefined) return;
  const { iss } = objectIn(Buffer.from(claims, 'base64url'));
  if (typeof iss === 'string' && !issuers.includes(iss))
    throw new AuthenticationError(`the token is of ${iss}, which is none of the issuers ${issuers.join(', ')}`);
}

const idOf = (policy: OAuthPolicy, { orgId }: Asking): string =>
  createHash('sha256')
    .update(JSON.stringify([orgId, policy]))
    .digest('base64');

function objectIn(bytes: Buffer): Record<string, Json> {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as Json;
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
