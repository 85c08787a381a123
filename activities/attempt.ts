import type { AgentRequest, TaskAnswer } from '../contracts/agent-protocol.js';
import { BrikkError, type ErrorCode } from '../contracts/errors.js';
import { InputRequired } from '../contracts/input-required.js';
import type { Json, SchemaDocument } from '../contracts/json.js';
import type { Candidate } from '../contracts/candidates.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import { violationsOf, whyNoSchema } from './check-output.js';

/** One attempt at one instance; fails with a BrikkError `agent.*`. */
export interface AgentConnector {
  ask(
    endpoint: string,
    request: AgentRequest,
    options: { timeoutMs: number; signingSecret?: string; traceparent?: string; signal?: AbortSignal },
  ): Promise<TaskAnswer>;
}

/** What an agent's record is built from: a refusal of one task or a wish to wait says nothing about its health. */
const IN_RECORD: ReadonlySet<ErrorCode> = new Set([
  'agent.transient',
  'agent.timeout',
  'agent.invalid_output',
  'agent.unavailable',
  'agent.permanent',
]);

/**
 * Sends the call to one instance and checks the answer against the agent's and the caller's schema. What is learned
 * goes to breaker and statistics. The caller holds the slot.
 */
export async function attempt(
  room: CallRoom,
  terms: CallTerms,
  candidate: Candidate,
  asked: { input: Json; context?: Json; number: number; timeoutMs: number },
): Promise<TaskAnswer | BrikkError> {
  const { batch, call, signal } = terms;
  const isTask = call.kind === undefined || call.kind === 'task';
  const sentAt = performance.now();
  const { signingSecret } = candidate;
  const { timeoutMs } = asked;
  const request = requestOf(terms, candidate, asked);
  let result: TaskAnswer | BrikkError;
  try {
    const { traceparent } = batch;
    const answer = await room.connector.ask(candidate.endpoint, request, {
      timeoutMs,
      signal,
      signingSecret,
      traceparent,
    });
    result = checked(answer, [isTask ? candidate.outputSchema : undefined, call.outputSchema]);
  } catch (error) {
    if (!(error instanceof BrikkError && error.code.startsWith('agent.'))) throw error;
    result = error instanceof InputRequired ? checkedQuestion(error) : error;
  }
  const code = result instanceof BrikkError ? result.code : undefined;
  room.breakers.report(batch.orgId, candidate, code);
  if (code === undefined || IN_RECORD.has(code))
    room.stats.add({
      orgId: batch.orgId,
      agentId: candidate.agentId,
      instanceId: candidate.instanceId,
      capability: candidate.capability,
      succeeded: code === undefined,
      latencyMs: performance.now() - sentAt,
      costUsd: result instanceof BrikkError ? 0 : (result.usage?.costUsd ?? candidate.costUsd ?? 0),
      ...(!(result instanceof BrikkError) && result.usage && { tokens: tokensOf(result.usage) }),
    });
  return result;
}

const tokensOf = ({ inputTokens = 0, outputTokens = 0 }: NonNullable<TaskAnswer['usage']>) =>
  inputTokens + outputTokens;

function requestOf(
  { batch, call }: CallTerms,
  { capability }: Candidate,
  { input, context, number, timeoutMs }: Parameters<typeof attempt>[3],
): AgentRequest {
  return {
    kind: call.kind ?? 'task',
    capability: call.target.capability ?? capability,
    input,
    context: {
      ...(typeof context === 'object' && !Array.isArray(context) && context),
      ...(call.role !== undefined && { role: call.role }),
      ...(call.round !== undefined && { round: call.round }),
    },
    deadlineMs: timeoutMs,
    run: { id: batch.runId, step: call.path, attempt: number },
    idempotencyKey: `${batch.runId}/${call.key}`,
  };
}

/** A person's answer is checked by the schema that the agent gave: it must be one. */
function checkedQuestion(question: InputRequired): BrikkError {
  const { schema } = question.asked;
  const why = schema === undefined ? undefined : whyNoSchema(schema);
  return why === undefined ? question : new BrikkError('agent.invalid_output', `The agent's question: ${why}`);
}

function checked(answer: TaskAnswer, schemas: (SchemaDocument | undefined)[]): TaskAnswer {
  for (const schema of schemas) {
    if (schema === undefined) continue;
    const violations = violationsOf(schema, answer.output);
    if (violations.length > 0)
      throw new BrikkError('agent.invalid_output', `The output breaks its schema: ${violations.join('; ')}`);
  }
  return answer;
}
