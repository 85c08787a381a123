import type { Readable } from 'node:stream';
import type { Agent, Dispatcher } from 'undici';
import type { AddressRule } from '../lib/address-rule.js';
import { CertificateAgents, type ClientCertificate } from '../lib/client-certificates.js';
import { createGuardedAgent, RefusedAddressError } from '../lib/guarded-agent.js';
import { isNotConnected } from '../lib/not-connected.js';

const CONNECT_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 100;
const MAX_ANSWER_BYTES = 10 * 1_024 * 1_024;
/** How a server says so (RFC 8446, 6.2), as Node.js names it. */
const CERTIFICATE_ALERT = /^ERR_SSL_\w*ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA|ACCESS_DENIED)$/;

export interface WebRequest {
  method: string;
  /** Absolute, http or https. */
  uri: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  timeoutMs: number;
  signal?: AbortSignal;
  /** Shown to a server that asks for it. */
  certificate?: ClientCertificate | undefined;
}

export interface WebAnswer {
  status: number;
  /** Names in lower case; repeated ones joined by `, `. */
  headers: Record<string, string>;
  bytes: Buffer;
}

/** An answer that is still being read; `body` is to be consumed or destroyed. */
export interface OpenAnswer extends Omit<WebAnswer, 'bytes'> {
  body: Readable;
  /** What a failure while reading means. */
  rename: (error: unknown) => WebFailure;
}

/** `unauthenticated`: the server does not take the certificate. */
export type WebFailureKind = 'unreachable' | 'timeout' | 'refused' | 'invalid' | 'canceled' | 'unauthenticated';

/** Why there is no answer. */
export class WebFailure extends Error {
  constructor(
    readonly kind: WebFailureKind,
    message: string,
    options?: ErrorOptions,
    /** Nothing of the request has left: there was no connection. */
    readonly isUnsent = false,
  ) {
    super(message, options);
    this.name = 'WebFailure';
  }
}

/** Any HTTP server that a definition calls. Never retries by itself and follows no redirects. */
export class WebConnector {
  private readonly agent: Agent;
  private readonly certified: CertificateAgents;

  constructor(
    rule: AddressRule,
    /** Origins that stand for hosts, for tests: `{'api.example.com': 'http://127.0.0.1:9000'}`. */
    private readonly hostOverrides: Readonly<Record<string, string>> = {},
  ) {
    const terms = {
      rule,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      connections: MAX_CONNECTIONS,
      maxResponseBytes: MAX_ANSWER_BYTES,
    };
    this.agent = createGuardedAgent(terms);
    this.certified = new CertificateAgents(terms);
  }

  /** One request, answered with any status. Fails with a WebFailure. */
  async request(request: WebRequest): Promise<WebAnswer> {
    const { status, headers, body, rename } = await this.open(request);
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of body) chunks.push(chunk as Buffer);
      return { status, headers, bytes: Buffer.concat(chunks) };
    } catch (error) {
      throw rename(error);
    }
  }

  /** As `request`, resolved when the body begins; the time limit is for all of it. */
  async open({ method, uri, headers, body, timeoutMs, signal, certificate }: WebRequest): Promise<OpenAnswer> {
    const url = urlOf(uri);
    const timer = AbortSignal.timeout(timeoutMs);
    const rename = (error: unknown): WebFailure => {
      if (signal?.aborted) return new WebFailure('canceled', 'the call was canceled', { cause: error });
      if (timer.aborted)
        return new WebFailure('timeout', `${url.host} did not answer within ${timeoutMs} ms`, { cause: error });
      return failureOf(error, url);
    };
    const agent = certificate ? this.certified.of(certificate) : this.agent;
    try {
      const answer = await agent.request({
        origin: this.hostOverrides[url.host] ?? url.origin,
        path: url.pathname + url.search,
        method: method.toUpperCase() as Dispatcher.HttpMethod,
        headers: { ...headers, host: url.host },
        ...(body === undefined ? {} : { body }),
        signal: signal ? AbortSignal.any([signal, timer]) : timer,
      });
      // A body that is given up fails, which nobody is to hear of.
      answer.body.on('error', () => undefined);
      return { status: answer.statusCode, headers: plainHeaders(answer.headers), body: answer.body, rename };
    } catch (error) {
      throw rename(error);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.agent.close(), this.certified.close()]);
  }
}

function urlOf(uri: string): URL {
  const url = URL.parse(uri);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new WebFailure('invalid', 'the endpoint must be an http or https URL');
  if (url.username || url.password) throw new WebFailure('invalid', 'the endpoint must not carry credentials');
  return url;
}

const plainHeaders = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );

interface Caused {
  code?: string;
  cause?: Caused;
}

function failureOf(error: unknown, { host }: URL): WebFailure {
  for (let cause = error as Caused | undefined; cause; cause = cause.cause) {
    if (cause instanceof RefusedAddressError) return new WebFailure('refused', cause.message, { cause: error });
    if (CERTIFICATE_ALERT.test(cause.code ?? ''))
      return new WebFailure('unauthenticated', `${host} does not take the certificate`, { cause: error });
  }
  const { code } = error as { code?: string };
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return new WebFailure('invalid', `${host} answered with more than ${MAX_ANSWER_BYTES} bytes`, { cause: error });
  if (code === 'UND_ERR_INVALID_ARG')
    return new WebFailure('invalid', `the request cannot be made: ${(error as Error).message}`, { cause: error });
  return new WebFailure('unreachable', `${host} cannot be reached`, { cause: error }, isNotConnected(error));
}
