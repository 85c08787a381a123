import type { ClientCertificate } from '../connectors/lib/client-certificates.js';
import type { AgentSaid } from '../contracts/agent-progress.js';
import type { AgentRequest, RequestKind, TaskAnswer } from '../contracts/agent-protocol.js';
import { BrikkError, type ErrorCode } from '../contracts/errors.js';
import { InputRequired } from '../contracts/input-required.js';
import { AnswersLater, type CallProgress, type LaterAnswer } from '../contracts/later-answers.js';
import type { Json, SchemaDocument } from '../contracts/json.js';
import type { Candidate } from '../contracts/candidates.js';
import type { MadeChoice } from '../contracts/selection.js';
import { lateAnswer } from './call-failures.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import { violationsOf, whyNoSchema } from '../connectors/lib/check-output.js';

/** One attempt at one instance; fails with a BrikkError `agent.*`. */
export interface AgentConnector {
  ask(
    endpoint: string,
    request: AgentRequest,
    options: {
      timeoutMs: number;
      idleMs?: number;
      signingSecret?: string;
      traceparent?: string;
      certificate?: ClientCertificate;
      signal?: AbortSignal;
      onProgress?: (said: AgentSaid) => void;
    },
  ): Promise<TaskAnswer>;
  /** An answer that came later, as one that came at once; fails like `ask`. */
  read(body: LaterAnswer, kind: RequestKind): TaskAnswer;
}

/** Agents that do not speak Brikk's own protocol. */
export interface OtherAgents {
  /** Fails with a BrikkError `agent.*`. */
  ask(asked: OtherRequest): Promise<TaskAnswer>;
}

export interface OtherRequest {
  terms: CallTerms;
  candidate: Candidate;
  request: AgentRequest;
  /** For one exchange with the agent, and for its silence. */
  timeoutMs: number;
  /** When the call is over, in milliseconds since the epoch. */
  endAt: number;
  onProgress: (said: AgentSaid) => void;
}

/** What an agent's record is built from: a refusal of one task or a wish to wait says nothing about its health. */
const IN_RECORD: ReadonlySet<ErrorCode> = new Set([
  'agent.transient',
  'agent.timeout',
  'agent.invalid_output',
  'agent.unavailable',
  'agent.permanent',
]);

interface Asked {
  input: Json;
  context?: Json;
  /** From 1. */
  number: number;
  /** Milliseconds since the epoch, as `endAt`; the callback's token says it, and whoever takes the answer compares. */
  sentAt: number;
  timeoutMs: number;
  endAt: number;
  choice?: MadeChoice;
  onProgress: (said: AgentSaid) => void;
}

/**
 * Sends the call to one instance and checks the answer against the agent's and the caller's schema. What is learned
 * goes to breaker and statistics. The caller holds the slot.
 */
export async function attempt(
  room: CallRoom,
  terms: CallTerms,
  candidate: Candidate,
  asked: Asked,
): Promise<TaskAnswer | BrikkError> {
  const { batch, signal } = terms;
  const sentAt = performance.now();
  const { timeoutMs, endAt, onProgress } = asked;
  const { idleMs } = terms.call.timeout;
  const request = requestOf(room, terms, candidate, asked);
  let result: TaskAnswer | BrikkError;
  try {
    const { traceparent } = batch;
    const signingSecret = await signingSecretOf(room, batch.orgId, candidate);
    const { clientCertificate: shown } = candidate;
    const certificate = shown === undefined ? shown : await certificateOf(room, batch.orgId, shown);
    const exchange = { timeoutMs, idleMs, signal, signingSecret, traceparent, certificate, onProgress };
    const silenceMs = Math.min(timeoutMs, idleMs ?? timeoutMs);
    const answer = await (candidate.protocol === undefined
      ? room.connector.ask(candidate.endpoint, request, exchange)
      : askOther(room, { terms, candidate, request, timeoutMs: silenceMs, endAt, onProgress }));
    result = checked(terms, candidate, answer);
  } catch (error) {
    result = failureIn(error);
  }
  if (result instanceof AnswersLater && request.run.callbackUrl !== undefined) {
    room.breakers.report(batch.orgId, candidate, undefined);
    return result;
  }
  if (result instanceof AnswersLater) result = new BrikkError('agent.invalid_output', NO_CALLBACK);
  const code = result instanceof BrikkError ? result.code : undefined;
  const latencyMs = performance.now() - sentAt;
  room.breakers.report(batch.orgId, candidate, code);
  room.slots.adapt(candidate, code, latencyMs);
  return learned(room, terms, candidate, result, latencyMs, asked.choice);
}

/** What came of an attempt whose agent took the call and answered later. */
export function lateAttempt(
  room: CallRoom,
  terms: CallTerms,
  { candidate, sentAt, choice }: CallProgress,
  answer: { body: LaterAnswer; at: number },
): TaskAnswer | BrikkError {
  let result: TaskAnswer | BrikkError;
  try {
    result = checked(terms, candidate, room.connector.read(answer.body, terms.call.kind ?? 'task'));
  } catch (error) {
    result = failureIn(error);
  }
  return learned(room, terms, candidate, result, answer.at - sentAt, choice);
}

/** What is said and learned of an agent that took the call and did not answer in time. */
export function overdueAttempt(room: CallRoom, terms: CallTerms, progress: CallProgress): BrikkError {
  const { candidate, sentAt, endAt, choice } = progress;
  const error = lateAnswer(progress);
  learned(room, terms, candidate, error, endAt - sentAt, choice);
  return error;
}

/** Agents of other protocols are sent none. */
function signingSecretOf({ signing }: CallRoom, orgId: string, { agentId, protocol, signingSecret: kept }: Candidate) {
  return protocol === undefined && kept !== undefined ? signing.open(orgId, agentId, kept) : undefined;
}

/** Other agents are asked where it is not to be had. */
async function certificateOf({ certificates }: CallRoom, orgId: string, connection: string) {
  try {
    return await certificates.of(orgId, connection);
  } catch (cause) {
    if (!(cause instanceof BrikkError && cause.code.startsWith('connection.'))) throw cause;
    throw new BrikkError('agent.permanent', `The agent has no client certificate: ${cause.message}`, { cause });
  }
}

function askOther({ others }: CallRoom, request: OtherRequest): Promise<TaskAnswer> {
  const { protocol = 'llm' } = request.candidate;
  const agents = others?.[protocol];
  if (agents) return agents.ask(request);
  throw new BrikkError('agent.permanent', `The worker speaks to no agents of the protocol ${protocol}`);
}

const NO_CALLBACK = 'The agent answers later, and nobody listens: the worker has no BRIKK_PUBLIC_URL';

function failureIn(error: unknown): BrikkError {
  if (!(error instanceof BrikkError && error.code.startsWith('agent.'))) throw error;
  return error instanceof InputRequired ? checkedQuestion(error) : error;
}

function learned(
  room: CallRoom,
  { batch }: CallTerms,
  candidate: CallProgress['candidate'],
  result: TaskAnswer | BrikkError,
  latencyMs: number,
  choice?: MadeChoice,
): TaskAnswer | BrikkError {
  const code = result instanceof BrikkError ? result.code : undefined;
  if (code === undefined || IN_RECORD.has(code)) {
    const { instanceId, capability } = candidate;
    room.slots.recordOf(instanceId, capability).learn(code === undefined, latencyMs, Date.now());
    room.stats.add({
      orgId: batch.orgId,
      agentId: candidate.agentId,
      instanceId,
      capability,
      succeeded: code === undefined,
      latencyMs,
      costUsd: result instanceof BrikkError ? 0 : (result.usage?.costUsd ?? candidate.costUsd ?? 0),
      ...(!(result instanceof BrikkError) && result.usage && { tokens: tokensOf(result.usage) }),
      ...(choice && { choice }),
    });
  }
  return result;
}

const tokensOf = ({ inputTokens = 0, outputTokens = 0 }: NonNullable<TaskAnswer['usage']>) =>
  inputTokens + outputTokens;

function requestOf(
  { callbacks }: CallRoom,
  { batch, call }: CallTerms,
  { capability, instanceId }: Candidate,
  { input, context, number, sentAt, timeoutMs, endAt }: Asked,
): AgentRequest {
  const kind = call.kind ?? 'task';
  const { orgId, runId } = batch;
  const attempt = { orgId, runId, callKey: call.key, attempt: number, instanceId, kind, sentAt, expiresAt: endAt };
  const callbackUrl = callbacks?.urlFor(attempt);
  return {
    kind,
    capability: call.target.capability ?? capability,
    input,
    context: {
      ...(typeof context === 'object' && !Array.isArray(context) && context),
      ...(call.role !== undefined && { role: call.role }),
      ...(call.round !== undefined && { round: call.round }),
    },
    deadlineMs: timeoutMs,
    run: {
      id: batch.runId,
      step: call.path,
      attempt: number,
      ...(callbackUrl !== undefined && { callbackUrl, callbackMs: Math.max(1, endAt - sentAt) }),
    },
    idempotencyKey: `${batch.runId}/${call.key}`,
  };
}

/** A person's answer is checked by the schema that the agent gave: it must be one. */
function checkedQuestion(question: InputRequired): BrikkError {
  const { schema } = question.asked;
  const why = schema === undefined ? undefined : whyNoSchema(schema);
  return why === undefined ? question : new BrikkError('agent.invalid_output', `The agent's question: ${why}`);
}

function checked(
  { call }: CallTerms,
  candidate: { outputSchema?: SchemaDocument | undefined },
  answer: TaskAnswer,
): TaskAnswer {
  const isTask = call.kind === undefined || call.kind === 'task';
  for (const schema of [isTask ? candidate.outputSchema : undefined, call.outputSchema]) {
    if (schema === undefined) continue;
    const violations = violationsOf(schema, answer.output);
    if (violations.length > 0)
      throw new BrikkError('agent.invalid_output', `The output breaks its schema: ${violations.join('; ')}`);
  }
  return answer;
}
