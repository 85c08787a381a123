import { answerFailure } from '../connectors/lib/answer-failure.js';
import type { ConnectorAnswer, ConnectorRequest, UsedConnection } from '../connectors/lib/connector-action.js';
import { type WebConnector, WebFailure } from '../connectors/web/web.connector.js';
import type { ConnectionAuth } from '../contracts/connection-auth.js';
import type { Connection } from '../contracts/connections.js';
import { BrikkError, type ErrorCode } from '../contracts/errors.js';
import { PROVIDERS } from '../contracts/providers.js';
import { type FetchedRequest, fetchOver } from './guarded-fetch.js';
import { withQuery } from './with-query.js';

export interface ClientOptions {
  web: Pick<WebConnector, 'request'>;
  connection: UsedConnection & Pick<Connection, 'allowedHosts'>;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Requests to the system of one connection: with its credential, and to its hosts alone. */
export class ConnectionClient {
  /** What the last answer means that was none of 2xx; for failures that an SDK words in its own way. */
  lastFailure: BrikkError | undefined;
  /** The last request found nobody, and none before it has gone out. */
  isUnsent = false;
  private hasSent = false;

  constructor(private readonly options: ClientOptions) {}

  readonly request = async ({ method, path, query, headers, body }: ConnectorRequest): Promise<ConnectorAnswer> => {
    const uri = withQuery(this.addressOf(path), query ?? {});
    const answer = await this.send({ method, uri, headers: headers ?? {}, ...(body === undefined ? {} : { body }) });
    if (this.lastFailure) throw this.lastFailure;
    return answer;
  };

  readonly fetch = fetchOver(async (request) => {
    const { bytes, ...answer } = await this.send(request);
    return { ...answer, body: bytes };
  });

  private async send(request: FetchedRequest): Promise<ConnectorAnswer> {
    const { web, connection, timeoutMs } = this.options;
    const signal = AbortSignal.any([this.options.signal, ...(request.signal ? [request.signal] : [])]);
    this.lastFailure = undefined;
    const { host } = this.allowed(request.uri);
    const headers = { ...request.headers, ...authorizationOf(connection.auth) };
    try {
      const { auth } = connection;
      const certificate = auth.kind === 'mtls' ? auth : undefined;
      const answer = await web.request({ ...request, headers, timeoutMs, signal, certificate });
      this.hasSent = true;
      const isGood = answer.status >= 200 && answer.status < 300;
      if (!isGood) this.lastFailure = answerFailure(answer, connection.provider, host);
      return answer;
    } catch (error) {
      this.isUnsent = !this.hasSent && error instanceof WebFailure && error.isUnsent;
      this.hasSent = true;
      if (error instanceof WebFailure && error.kind !== 'canceled') this.lastFailure = webFailure(error);
      throw this.lastFailure ?? error;
    }
  }

  private addressOf(path: string): string {
    if (/^[a-z][a-z+.-]*:/i.test(path)) return path;
    const { baseUrl } = this.options.connection;
    return path === '' ? baseUrl : `${baseUrl}/${path.replace(/^\/+/, '')}`;
  }

  private allowed(uri: string): URL {
    const { connection } = this.options;
    const url = URL.parse(uri);
    if (!url) throw new BrikkError('connector.validation', 'the address is no URL');
    const base = new URL(connection.baseUrl);
    const isBase = url.host === base.host && url.protocol === base.protocol;
    const others = [...connection.provider.allowedHosts, ...connection.allowedHosts];
    if (isBase || (url.protocol === 'https:' && others.some((host) => fits(url.hostname, host)))) return url;
    throw new BrikkError(
      'connector.forbidden',
      `${url.host} is none of the hosts of the connection ${connection.name}`,
    );
  }
}

/** The connection as a call uses it, at one of its URLs. Fails `connection.not_usable` when nothing says where its system is. */
export function usedConnection(
  connection: Connection,
  auth: ConnectionAuth,
  [first]: readonly string[] = connection.baseUrls,
): ClientOptions['connection'] {
  const { name, flavour, settings, allowedHosts } = connection;
  const provider = PROVIDERS[connection.provider];
  const baseUrl = first ?? provider.baseUrl;
  if (baseUrl === undefined) throw new BrikkError('connection.not_usable', `The connection ${name} has no base URL`);
  return { name, provider, baseUrl: baseUrl.replace(/\/+$/, ''), flavour, settings, allowedHosts, auth };
}

const fits = (hostname: string, allowed: string): boolean =>
  allowed.startsWith('*.') ? hostname.endsWith(allowed.slice(1).toLowerCase()) : hostname === allowed.toLowerCase();

/** The header that carries the credential. */
function authorizationOf(auth: ConnectionAuth): Record<string, string> {
  switch (auth.kind) {
    case 'bearer':
      return { authorization: `Bearer ${auth.token}` };
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` };
    case 'apiKey':
      return { [auth.header.toLowerCase()]: auth.key };
    case 'oauth2':
    case 'githubApp':
    case 'mtls':
    case 'signing':
    case 'none':
      return {};
  }
}

function webFailure(error: WebFailure): BrikkError {
  return new BrikkError(codeOf(error), error.message, { cause: error });
}

function codeOf({ kind }: WebFailure): ErrorCode {
  switch (kind) {
    case 'refused':
      return 'connector.forbidden';
    case 'invalid':
      return 'connector.validation';
    case 'unauthenticated':
      return 'connector.auth';
    default:
      return 'connector.unavailable';
  }
}
