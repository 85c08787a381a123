import type { Agent } from 'undici';
import {
  AGENT_PROTOCOL_VERSION,
  AGENT_HEADERS,
  type AgentRequest,
  ANSWER_SCHEMAS,
  type RequestKind,
  type TaskAnswer,
} from '../../contracts/agent-protocol.js';
import type { BrikkError } from '../../contracts/errors.js';
import {
  AnswersLater,
  answersLaterSchema,
  type LaterAnswer,
  laterFailureSchema,
  laterSilenceSchema,
} from '../../contracts/later-answers.js';
import { InputRequired, inputRequiredSchema } from '../../contracts/input-required.js';
import { usageSchema } from '../../contracts/usage.js';
import type { AddressRule } from '../lib/address-rule.js';
import { CertificateAgents, type ClientCertificate } from '../lib/client-certificates.js';
import { createGuardedAgent } from '../lib/guarded-agent.js';
import { Permits } from '../lib/permits.js';
import { whyUnstorable } from '../lib/storable-json.js';
import { classifyFailure } from '../lib/classify-failure.js';
import { type Answer, Exchange, type ExchangeTerms } from './exchange.js';
import { signRequest } from './sign-request.js';

const CONNECT_TIMEOUT_MS = 300;
const MAX_CONNECTIONS = 1_200;
/** Of undici's own bound there is none: exchanges bound their answers, streams by their pace. */
const UNBOUNDED = -1;
const MAX_DETAIL_LENGTH = 300;
const HEALTH_TIMEOUT_MS = 3_000;

/** `timeoutMs` bounds the whole attempt: connecting, waiting, and reading a slow answer. */
export interface AskOptions extends ExchangeTerms {
  signingSecret?: string;
  traceparent?: string;
  /** Shown to an agent that asks for it. */
  certificate?: ClientCertificate;
}

/** What an agent says of itself. */
export interface AgentHealth {
  isWell: boolean;
  /** Tasks in flight; undefined where it does not tell. */
  inFlight?: number;
  /** Its answer, or why there is none. */
  says: string;
}

/** Agents that speak Brikk's own protocol over HTTP. Never retries by itself. */
export class HttpAgentConnector {
  private readonly agent: Agent;
  private readonly certified: CertificateAgents;
  private readonly permits = new Permits(MAX_CONNECTIONS);

  constructor(rule: AddressRule) {
    const terms = {
      rule,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      connections: MAX_CONNECTIONS,
      maxResponseBytes: UNBOUNDED,
    };
    this.agent = createGuardedAgent(terms);
    this.certified = new CertificateAgents(terms);
  }

  /** One attempt at one instance. Fails with a BrikkError `agent.*` whose code says whether a repeat can help. */
  async ask(endpoint: string, request: AgentRequest, options: AskOptions): Promise<TaskAnswer> {
    const { origin, path } = targetOf(endpoint);
    const body = JSON.stringify(request);
    const exchange = new Exchange(options);
    const leave = this.permits.enter(() => {
      if (exchange.isOver) return;
      const headers = headersOf(request, body, options);
      this.agentFor(options.certificate).dispatch({ origin, path, method: 'POST', headers, body }, exchange);
    });
    const end = await exchange.end;
    leave();
    if (end.kind !== 'answered') throw classifyFailure(end);
    if (end.status === 202) throw laterOrInvalid(end.text);
    if (end.status !== 200) throw refusal(end);
    return parseAnswer(end.text, request.kind);
  }

  /** How an instance is: `GET {endpoint}/health`. One without that route is well. */
  async health(endpoint: string, timeoutMs = HEALTH_TIMEOUT_MS, certificate?: ClientCertificate): Promise<AgentHealth> {
    const exchange = new Exchange({ timeoutMs });
    try {
      const { origin, path } = targetOf(`${endpoint.replace(/\/$/, '')}/health`);
      const agent = this.agentFor(certificate);
      agent.dispatch({ origin, path, method: 'GET', headers: { accept: 'application/json' } }, exchange);
    } catch (error) {
      exchange.onResponseError(undefined, error instanceof Error ? error : new Error(String(error)));
    }
    const end = await exchange.end;
    if (end.kind !== 'answered') return { isWell: false, says: classifyFailure(end).message };
    const isWell = end.status < 500;
    return { isWell, says: `HTTP ${end.status}`, ...inFlightOf(end.text) };
  }

  /** An answer that came later. Fails like `ask`. */
  read(body: LaterAnswer, kind: RequestKind): TaskAnswer {
    const silence = laterSilenceSchema.safeParse(body);
    if (silence.success) throw classifyFailure({ kind: 'silent', idleMs: silence.data.silentMs });
    const failure = body['output'] === undefined ? laterFailureSchema.safeParse(body) : undefined;
    if (!failure?.success) return readAnswer(body, kind);
    const { status, detail } = failure.data;
    throw classifyFailure({ kind: 'status', status, ...(detail !== undefined && { detail: readable(detail) }) });
  }

  /** Ends when the requests under way have ended. */
  async close(): Promise<void> {
    await Promise.all([this.agent.close(), this.certified.close()]);
  }

  private agentFor(certificate: ClientCertificate | undefined): Agent {
    return certificate ? this.certified.of(certificate) : this.agent;
  }
}

/** Endpoints that were taken apart before: of what a worker does in a fan-out of a thousand calls, parsing them was 4 %. */
const targets = new Map<string, Target>();
const MAX_TARGETS = 10_000;

interface Target {
  origin: string;
  path: string;
}

function targetOf(endpoint: string): Target {
  const known = targets.get(endpoint);
  if (known) return known;
  if (targets.size >= MAX_TARGETS) targets.clear();
  const target = parseTarget(endpoint);
  targets.set(endpoint, target);
  return target;
}

function parseTarget(endpoint: string): Target {
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    throw invalid('the endpoint is no URL');
  }
  if (url.username || url.password) throw invalid('the endpoint carries credentials');
  return { origin: url.origin, path: url.pathname + url.search };
}

function headersOf(request: AgentRequest, body: string, { signingSecret, traceparent }: AskOptions) {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
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

const invalid = (reason: string): BrikkError => classifyFailure({ kind: 'answer', reason });

function parseAnswer(text: string, kind: RequestKind): TaskAnswer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid('it is not JSON');
  }
  return readAnswer(json, kind);
}

function readAnswer(json: unknown, kind: RequestKind): TaskAnswer {
  const unstorable = whyUnstorable(json);
  if (unstorable !== undefined) throw invalid(unstorable);
  throwQuestion(json);
  const parsed = ANSWER_SCHEMAS[kind].safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`${issue?.path.join('.') || 'it'}: ${issue?.message}`);
}

/** Looked at only when it is there: a failed parse costs more than the rest of an answer. */
function throwQuestion(json: unknown): void {
  if (typeof json !== 'object' || json === null || !('inputRequired' in json)) return;
  const question = inputRequiredSchema.safeParse(json);
  if (question.success) throw new InputRequired(question.data.inputRequired, usageOf(json));
}

function inFlightOf(text: string): { inFlight?: number } {
  try {
    const { inFlight } = (JSON.parse(text) ?? {}) as { inFlight?: unknown };
    return typeof inFlight === 'number' ? { inFlight } : {};
  } catch {
    return {};
  }
}

/** Of a `202`: the agent answers later, if it says which task that is. */
function laterOrInvalid(text: string): BrikkError {
  try {
    const later = answersLaterSchema.safeParse(JSON.parse(text));
    if (later.success) return new AnswersLater(later.data.taskId);
  } catch {
    // Not even JSON.
  }
  return invalid('202 comes with {"taskId": "…"}');
}

/** What the agent used up to its question; a wrong report is none. */
const usageOf = (json: unknown) =>
  usageSchema.omit({ calls: true }).safeParse((json as { usage?: unknown } | null)?.usage).data;

function refusal({ status, retryAfter, text }: Answer): BrikkError {
  const detail = detailOf(text);
  return classifyFailure({
    kind: 'status',
    status,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(detail && { detail }),
  });
}

/** The agent's own words about its refusal: problem details (RFC 9457) or `{error}`; bounded, and free of controls. */
function detailOf(text: string): string | undefined {
  try {
    const said = JSON.parse(text) as { detail?: unknown; message?: unknown; error?: unknown } | null;
    const words = [said?.detail, said?.message, said?.error].find((word) => typeof word === 'string');
    return words === undefined ? undefined : readable(words);
  } catch {
    return undefined;
  }
}

const readable = (words: string): string =>
  words.replaceAll(/[\p{Cc}\p{Surrogate}]+/gu, ' ').slice(0, MAX_DETAIL_LENGTH);
