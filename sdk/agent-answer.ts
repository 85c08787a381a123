import { z } from 'zod';
import { agentProgressSchema, type AgentSaid } from '../contracts/agent-progress.js';
import { type AgentRequest, bidOutputSchema, type RequestKind } from '../contracts/agent-protocol.js';
import type { Json } from '../contracts/json.js';
import type { Usage } from '../contracts/usage.js';
import {
  type AgentRoom,
  type CapabilityOptions,
  Deferred,
  InputRequired,
  type TaskContext,
  TaskRejected,
} from './agent-options.js';
import { generatedOutput } from './generated-output.js';
import { whyNot } from './can-handle.js';
import { AgentProblem, violationsOf } from './agent-problem.js';

const anything = z.unknown();

/** What the agent says of its answer, whatever it was asked for. */
interface Facts {
  confidence?: number;
  usage?: Omit<Usage, 'calls'>;
}
/** The body of an answer: its field is named by the kind of the request (`output`, `bid` or `refuse`, `plan`, `decision`). */
export type AgentAnswer = Facts & Record<string, unknown>;

/** Tasks are done by `handler`; the other kinds have a function of their own name. */
export const answersKind = (capability: CapabilityOptions, kind: RequestKind): boolean =>
  kind === 'task' || capability[kind] !== undefined;

export const kindsOf = (capability: CapabilityOptions): RequestKind[] =>
  (['task', 'bid', 'plan', 'decide'] as const).filter((kind) => answersKind(capability, kind));

/** Asks the capability's function for the kind of request, within its deadline. Fails with AgentProblem. */
export async function handleRequest(
  capability: CapabilityOptions,
  { request, traceparent }: { request: AgentRequest; traceparent: string | undefined },
  stopped: AbortSignal,
  { log, state, session }: AgentRoom,
  say: (said: AgentSaid) => void = () => undefined,
): Promise<AgentAnswer | Deferred> {
  const { idempotencyKey, deadlineMs, run } = request;
  const input = request.kind === 'task' ? await checkedInput(capability, request) : request.input;
  const deadline = new AbortController();
  const endDeadline = () => deadline.abort(new Error('the deadline is over'));
  const timer = setTimeout(endDeadline, Math.min(deadlineMs, 2 ** 31 - 1)).unref();
  let facts: Facts = {};
  let hasSaid = false;
  const tell = ({ text, ...progress }: AgentSaid) => {
    hasSaid = true;
    say({ ...agentProgressSchema.parse(progress), ...(text !== undefined && { text }) });
  };
  const context: TaskContext = {
    signal: AbortSignal.any([deadline.signal, stopped]),
    idempotencyKey,
    deadlineMs,
    runId: run.id,
    step: run.step,
    attempt: run.attempt,
    traceparent,
    context: request.context,
    answers: answersIn(request.context),
    log: log.child({ runId: run.id, step: run.step, attempt: run.attempt }),
    state,
    session,
    callbackUrl: run.callbackUrl,
    defer: (work) => {
      if (run.callbackUrl === undefined) throw new Error('nobody listens for an answer that comes later');
      if (hasSaid) throw new Error('the answer has begun with progress: defer first, and tell it from the work');
      return new Deferred(work);
    },
    progress: tell,
    report: (reported) => (facts = { ...facts, ...reported }),
  };
  try {
    const refusal = await whyNot(capability, request.kind, input, context);
    if (refusal !== undefined && request.kind === 'bid') return { refuse: { reason: refusal } };
    if (refusal !== undefined) throw new TaskRejected(refusal);
    const answer = await ask(capability, request.kind, input, { context, tell });
    return answer instanceof Deferred ? answer : { ...answer, ...facts };
  } catch (cause) {
    if (cause instanceof AgentProblem) throw cause;
    if (cause instanceof InputRequired) return { inputRequired: questionOf(cause), ...facts };
    const detail = cause instanceof Error ? cause.message.slice(0, 500) : 'the handler failed';
    if (cause instanceof TaskRejected) throw new AgentProblem(422, 'Task rejected', detail, { cause });
    throw new AgentProblem(500, 'Task failed', detail || 'the handler failed', { cause });
  } finally {
    clearTimeout(timer);
  }
}

const questionOf = ({ question, schema }: InputRequired) => ({ question, ...(schema === undefined ? {} : { schema }) });

/** Brikk's own list; anything else under this name is none. */
function answersIn(context: Json): TaskContext['answers'] {
  const given = typeof context === 'object' && context !== null && !Array.isArray(context) ? context.answers : [];
  return Array.isArray(given) ? (given as unknown as TaskContext['answers']) : [];
}

/** The function of a capability that answers a kind of request. */
const FUNCTIONS = { task: 'handler', bid: 'bid', plan: 'plan', decide: 'decide' } as const;

/** The same capability, with what goes on after a request of this kind was answered 202. */
export const goingOn = (of: CapabilityOptions, kind: RequestKind, work: NonNullable<Deferred['work']>) =>
  ({ ...of, [FUNCTIONS[kind]]: (_: unknown, context: TaskContext) => work(context) }) as CapabilityOptions;

async function ask(
  of: CapabilityOptions,
  kind: RequestKind,
  input: unknown,
  { context, tell }: { context: TaskContext; tell: (said: AgentSaid) => void },
): Promise<object | Deferred> {
  const given = await of[FUNCTIONS[kind]]?.(input, context);
  const said = (await generatedOutput(given, tell, context.signal)) ?? null;
  if (said instanceof Deferred) return said;
  switch (kind) {
    case 'task':
      return { output: await checked(of.output ?? anything, said, 'the output') };
    case 'bid': {
      const offer = (said ?? {}) as object;
      const body = 'refuse' in offer ? { refuse: { reason: offer.refuse } } : { bid: offer };
      return checked(bidOutputSchema, body, 'the bid');
    }
    case 'plan':
      return { plan: said };
    case 'decide':
      return { decision: said };
  }
}

async function checkedInput({ input }: CapabilityOptions, request: AgentRequest): Promise<unknown> {
  const parsed = await (input ?? anything).safeParseAsync(request.input);
  if (parsed.success) return parsed.data;
  throw new AgentProblem(422, 'Invalid input', `the input of ${request.capability} breaks its schema`, {
    errors: violationsOf(parsed.error.issues),
  });
}

async function checked<Value>(schema: z.ZodType<Value>, value: unknown, what: string): Promise<Value> {
  const result = await schema.safeParseAsync(value);
  if (result.success) return result.data;
  throw new AgentProblem(500, 'Invalid output', `${what} breaks the schema of the capability`, {
    errors: violationsOf(result.error.issues),
  });
}
