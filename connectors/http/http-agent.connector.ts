import type { Agent, Dispatcher } from 'undici';
import {
  AGENT_HEADERS,
  type AgentRequest,
  ANSWER_SCHEMAS,
  type RequestKind,
  type TaskAnswer,
} from '../../contracts/agent-protocol.js';
import { AGENT_PROTOCOL_VERSION } from '../../contracts/agents.js';
import type { AddressRule } from '../lib/address-rule.js';
import { createGuardedAgent } from '../lib/guarded-agent.js';
import { Permits } from '../lib/permits.js';
import { whyUnstorable } from '../lib/storable-json.js';
import { classifyFailure } from './classify-failure.js';
import { signRequest } from './sign-request.js';

const CONNECT_TIMEOUT_MS = 300;
const MAX_CONNECTIONS = 1_200;
const MAX_ANSWER_BYTES = 10 * 1_024 * 1_024;
const MAX_DETAIL_BYTES = 16 * 1_024;
const MAX_DETAIL_LENGTH = 300;

export interface AskOptions {
  /** Bounds the whole attempt: connecting, waiting, and reading a slow answer. */
  timeoutMs: number;
  signingSecret?: string;
  traceparent?: string;
  signal?: AbortSignal;
}

/** Agents that speak Brikk's own protocol over HTTP. Never retries by itself. */
export class HttpAgentConnector {
  private readonly agent: Agent;
  private readonly permits = new Permits(MAX_CONNECTIONS);

  constructor(rule: AddressRule) {
    this.agent = createGuardedAgent({
      rule,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      connections: MAX_CONNECTIONS,
      maxResponseBytes: MAX_ANSWER_BYTES,
    });
  }

  /** One attempt at one instance. Fails with a BrikkError `agent.*` whose code says whether a repeat can help. */
  async ask(endpoint: string, request: AgentRequest, options: AskOptions): Promise<TaskAnswer> {
    const deadline = new AbortController();
    const cancel = () => deadline.abort();
    const { timeoutMs, signal } = options;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      deadline.abort();
    }, timeoutMs);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    try {
      return await this.permits.hold(deadline.signal, () => this.exchange(endpoint, request, options, deadline.signal));
    } catch (error) {
      if (signal?.aborted) throw classifyFailure({ kind: 'canceled' });
      if (late) throw classifyFailure({ kind: 'timeout', timeoutMs });
      throw error instanceof AnswerError ? error.named : classifyFailure({ kind: 'thrown', error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Ends when the requests under way have ended. */
  close(): Promise<void> {
    return this.agent.close();
  }

  private async exchange(endpoint: string, request: AgentRequest, options: AskOptions, signal: AbortSignal) {
    const url = new URL(endpoint);
    if (url.username || url.password) throw answerError('the endpoint carries credentials');
    const body = JSON.stringify(request);
    const answer = await this.agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'POST',
      headers: this.headers(request, body, options),
      body,
      signal,
    });
    if (answer.statusCode !== 200) throw await refusal(answer);
    return parseAnswer(await answer.body.text(), request.kind);
  }

  private headers(request: AgentRequest, body: string, { signingSecret, traceparent }: AskOptions) {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'application/json',
      [AGENT_HEADERS.protocol]: String(AGENT_PROTOCOL_VERSION),
      [AGENT_HEADERS.idempotencyKey]: request.idempotencyKey,
    };
    if (traceparent !== undefined) headers[AGENT_HEADERS.traceparent] = traceparent;
    if (signingSecret === undefined) return headers;
    const at = new Date();
    headers[AGENT_HEADERS.id] = request.idempotencyKey;
    headers[AGENT_HEADERS.timestamp] = String(Math.floor(at.getTime() / 1_000));
    headers[AGENT_HEADERS.signature] = signRequest(signingSecret, { id: request.idempotencyKey, at, body });
    return headers;
  }
}

/** A failure that already has its name, apart from those that the HTTP client throws. */
class AnswerError extends Error {
  constructor(readonly named: ReturnType<typeof classifyFailure>) {
    super(named.message);
  }
}
const answerError = (reason: string) => new AnswerError(classifyFailure({ kind: 'answer', reason }));

function parseAnswer(text: string, kind: RequestKind): TaskAnswer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw answerError('it is not JSON');
  }
  const unstorable = whyUnstorable(json);
  if (unstorable !== undefined) throw answerError(unstorable);
  const parsed = ANSWER_SCHEMAS[kind].safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw answerError(`${issue?.path.join('.') || 'it'}: ${issue?.message}`);
}

async function refusal({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<AnswerError> {
  const retryAfter = headers['retry-after'];
  const detail = await detailOf(body, headers['content-length']);
  return new AnswerError(
    classifyFailure({
      kind: 'status',
      status: statusCode,
      ...(typeof retryAfter === 'string' && { retryAfter }),
      ...(detail && { detail }),
    }),
  );
}

/** The agent's own words about its refusal: problem details (RFC 9457) or `{error}`; bounded, and free of controls. */
async function detailOf(body: Dispatcher.ResponseData['body'], length: unknown): Promise<string | undefined> {
  if (Number(length) > MAX_DETAIL_BYTES) {
    await body.dump({ limit: MAX_DETAIL_BYTES });
    return undefined;
  }
  const text = await body.text();
  try {
    const said = JSON.parse(text) as { detail?: unknown; message?: unknown; error?: unknown } | null;
    const words = [said?.detail, said?.message, said?.error].find((word) => typeof word === 'string');
    return words?.replaceAll(/[\p{Cc}\p{Surrogate}]+/gu, ' ').slice(0, MAX_DETAIL_LENGTH);
  } catch {
    return undefined;
  }
}
