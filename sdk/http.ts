import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrikkApiError, readProblem } from './api-error.js';

/** How often and how fast a request is tried again after 429, 503 or a lost connection. */
export interface RetryOptions {
  maxAttempts: number;
  initialMs: number;
  maxMs: number;
}
export const DEFAULT_RETRY: RetryOptions = { maxAttempts: 6, initialMs: 100, maxMs: 10_000 };

export interface RequestOptions {
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  /** The key of a POST that creates: makes its repeat the same creation. Made up when missing. */
  idempotencyKey?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Whether a repeat after a lost connection is harmless; false for a signal, which would arrive twice. */
  repeatable?: boolean;
}

/** One API, one key. Every request has a deadline; what can be repeated safely is. */
export class ApiTransport {
  constructor(
    private readonly url: string,
    private readonly apiKey: string | undefined,
    readonly retry: RetryOptions,
  ) {}

  /** The parsed JSON of a successful answer. Fails with BrikkApiError. */
  async json<Answer>(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const headers = { accept: 'application/json', ...keyHeader(method, options), ...options.headers };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await this.open(method, path, { ...options, headers });
        return parse(await response.text(), response) as Answer;
      } catch (error) {
        const failure = this.explain(error, options.signal);
        if (attempt >= this.retry.maxAttempts || !canRepeat(failure, options)) throw failure;
        await sleep(backoffMs(attempt, this.retry, failure.retryAfterMs), undefined, { signal: options.signal });
      }
    }
  }

  /** One attempt; a response that is not 2xx becomes a BrikkApiError. `timeoutMs: 0` waits for ever. */
  async open(method: string, path: string, options: RequestOptions): Promise<Response> {
    const { body, headers, signal, timeoutMs = 30_000 } = options;
    const signals = [signal, timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : undefined].filter((one) => !!one);
    const response = await fetch(this.address(path, options.query), {
      method,
      headers: {
        ...(this.apiKey ? { authorization: `Bearer ${this.apiKey}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.any(signals),
    });
    if (!response.ok) throw await readProblem(response);
    return response;
  }

  /** Names a failure without an answer. A caller's own abort passes through unchanged. */
  explain(error: unknown, signal?: AbortSignal): BrikkApiError {
    if (error instanceof BrikkApiError) return error;
    if (signal?.aborted) throw signal.reason;
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
    const code = timedOut ? 'client.timeout' : 'client.unreachable';
    const detail = timedOut ? `${this.url} did not answer in time` : `${this.url} cannot be reached`;
    return new BrikkApiError({ status: 0, code, detail }, { cause: error });
  }

  private address(path: string, query: RequestOptions['query'] = {}): URL {
    const address = new URL(this.url.replace(/\/+$/, '') + path);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) address.searchParams.set(name, String(value));
    return address;
  }
}

/** Whoever is asked to wait longer, such as for the next window of a quota, is told instead. */
const LONGEST_WAIT_MS = 60_000;

/** Exponential with full jitter above half; a server's own wish comes first. */
export function backoffMs(attempt: number, { initialMs, maxMs }: RetryOptions, retryAfterMs?: number): number {
  if (retryAfterMs !== undefined) return retryAfterMs;
  const ceiling = Math.min(initialMs * 2 ** (attempt - 1), maxMs);
  return ceiling * (0.5 + Math.random() / 2);
}

function keyHeader(method: string, { idempotencyKey }: RequestOptions): Record<string, string> {
  return method === 'POST' ? { 'idempotency-key': idempotencyKey ?? randomUUID() } : {};
}

export function canRepeat(
  { status, retryAfterMs = 0 }: BrikkApiError,
  { repeatable = true }: Pick<RequestOptions, 'repeatable'> = {},
): boolean {
  if (retryAfterMs > LONGEST_WAIT_MS) return false;
  return status === 429 || status === 503 || (status === 0 && repeatable);
}

/** A proxy's page, for example, is not an answer of the API, and a repeat would bring it again. */
function parse(text: string, { status, url }: Response): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const detail = `${new URL(url).pathname} answered ${status} with something that is not JSON`;
    throw new BrikkApiError({ status, code: 'client.unexpected_answer', detail }, { cause });
  }
}
