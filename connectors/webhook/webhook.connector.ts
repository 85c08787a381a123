import type { Agent } from 'undici';
import type { AttemptOutcome } from '../../contracts/webhook-deliveries.js';
import type { AddressRule } from '../lib/address-rule.js';
import { CertificateAgents, type ClientCertificate } from '../lib/client-certificates.js';
import { createGuardedAgent, RefusedAddressError } from '../lib/guarded-agent.js';
import { HANDSHAKE } from '../lib/not-connected.js';
import { parseRetryAfter } from '../lib/retry-after.js';

const CONNECT_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 500;
/** Of an answer; more is not read. */
const MAX_RESPONSE_BYTES = 16 * 1_024;
const LARGEST_ANSWER_BYTES = 64 * 1_024 * 1_024;

export interface WebhookRequest {
  url: string;
  headers: Record<string, string>;
  body: Buffer;
  timeoutMs: number;
  signal?: AbortSignal;
  /** Shown to a server that asks for it. */
  certificate?: ClientCertificate;
}

export interface WebhookAnswer {
  outcome: AttemptOutcome;
  statusCode?: number;
  retryAfterMs?: number;
  /** The beginning of the answer, or why there is none. */
  response?: string;
  isTruncated: boolean;
  /** Nothing was sent: another address may be tried at once. */
  isUnreached: boolean;
}

/** Sends to webhook endpoints. One attempt, no redirects, and only where the rule allows. */
export class WebhookConnector {
  private readonly agent: Agent;
  private readonly certified: CertificateAgents;

  constructor(rule: AddressRule) {
    const terms = {
      rule,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      connections: MAX_CONNECTIONS,
      maxResponseBytes: LARGEST_ANSWER_BYTES,
    };
    this.agent = createGuardedAgent(terms);
    this.certified = new CertificateAgents(terms);
  }

  /** Never fails: how it ended is the answer. A signal that aborts ends it as a time-out. */
  async send({ url, headers, body, timeoutMs, signal, certificate }: WebhookRequest): Promise<WebhookAnswer> {
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), timeoutMs);
    const stop = () => end.abort();
    signal?.addEventListener('abort', stop);
    try {
      const { origin, pathname, search } = new URL(url);
      const agent = certificate ? this.certified.of(certificate) : this.agent;
      const answer = await agent.request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers,
        body,
        signal: end.signal,
      });
      const { text, isTruncated } = await beginningOf(answer.body);
      const { statusCode } = answer;
      const asked = answer.headers['retry-after'];
      const retryAfterMs = parseRetryAfter(typeof asked === 'string' ? asked : undefined);
      return {
        outcome: statusCode >= 200 && statusCode < 300 ? 'ok' : 'http',
        statusCode,
        isTruncated,
        isUnreached: false,
        ...(text !== '' && { response: text }),
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      };
    } catch (error) {
      if (end.signal.aborted)
        return {
          outcome: 'timeout',
          response: `no answer within ${timeoutMs} ms`,
          isTruncated: false,
          isUnreached: false,
        };
      return failureOf(error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.agent.close(), this.certified.close()]);
  }
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<{ text: string; isTruncated: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop destroys the rest.
    if (bytes > MAX_RESPONSE_BYTES) break;
  }
  const read = Buffer.concat(chunks).subarray(0, MAX_RESPONSE_BYTES);
  // Postgres keeps no U+0000.
  return { text: read.toString('utf8').replaceAll('\u0000', '�'), isTruncated: bytes > MAX_RESPONSE_BYTES };
}

const UNREACHED: Record<string, AttemptOutcome> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
};

/** The one place that names what went wrong. */
function failureOf(error: unknown): WebhookAnswer {
  const none = { isTruncated: false };
  for (let cause = error; typeof cause === 'object' && cause !== null; cause = (cause as Error).cause) {
    if (cause instanceof RefusedAddressError)
      return { ...none, outcome: 'blocked', response: cause.message, isUnreached: true };
    const { code = '' } = cause as { code?: string };
    const unreached = UNREACHED[code];
    if (unreached !== undefined) return { ...none, outcome: unreached, response: code, isUnreached: true };
    if (HANDSHAKE.test(code)) return { ...none, outcome: 'tls', response: code, isUnreached: true };
  }
  const { code } = error as { code?: string };
  return { ...none, outcome: 'reset', response: code ?? 'the connection broke', isUnreached: false };
}
