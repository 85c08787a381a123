import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { AgentRequest, TaskAnswer } from '../contracts/agent-protocol.js';
import type { Json } from '../contracts/json.js';
import { AgentProblem, violationsOf } from './agent-problem.js';
import { type CapabilityOptions, type TaskContext, TaskRejected } from './agent-options.js';
import { SharedAnswers } from './shared-answers.js';

const KEPT_ANSWERS = 1_000;
const anything = z.unknown();

export interface TaskCall {
  request: AgentRequest;
  traceparent: string | undefined;
  /** Aborts when the caller's connection is gone. */
  left: AbortSignal;
}

/** Runs handlers: at most `maxConcurrency` at once, each idempotency key once, each input and output checked. */
export class AgentTasks {
  inFlight = 0;
  private counts = { done: 0, failed: 0 };
  private readonly answers = new SharedAnswers<TaskAnswer>(KEPT_ANSWERS);
  private readonly stopping = new AbortController();
  private idle: (() => void) | undefined;

  constructor(
    private readonly capabilities: Record<string, CapabilityOptions>,
    readonly maxConcurrency: number,
    private readonly log: Logger,
  ) {}

  /** Fails with AgentProblem. */
  async perform(call: TaskCall): Promise<TaskAnswer> {
    const { kind, capability: name, input, idempotencyKey } = call.request;
    const capability = Object.hasOwn(this.capabilities, name) ? this.capabilities[name] : undefined;
    if (!capability)
      throw new AgentProblem(404, 'Unknown capability', `this agent has no capability ${name}`, {
        errors: [{ path: 'capability', message: 'is unknown', allowed: Object.keys(this.capabilities) }],
      });
    // A handler does the task: it must not run because somebody asks what the task would cost.
    if (kind !== 'task')
      throw new AgentProblem(
        422,
        'Unsupported request',
        `this agent does tasks and answers no request of kind ${kind}`,
        {
          errors: [{ path: 'kind', message: 'is not supported', allowed: ['task'] }],
        },
      );
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([name, input]))
      .digest('base64');
    const known = this.answers.find(idempotencyKey);
    if (known && known.fingerprint !== fingerprint)
      throw new AgentProblem(409, 'Idempotency conflict', 'the idempotency key came with another task before');
    if (!known && this.inFlight >= this.maxConcurrency)
      throw new AgentProblem(429, 'Busy', `all ${this.maxConcurrency} slots are taken`, { retryAfterS: 1 });
    return this.answers.answer(idempotencyKey, fingerprint, call.left, (abandoned) =>
      this.execute(capability, call, abandoned),
    );
  }

  /** The share of failed tasks since the last time it was asked. */
  takeErrorRate(): number {
    const { done, failed } = this.counts;
    this.counts = { done: 0, failed: 0 };
    return done === 0 ? 0 : failed / done;
  }

  /** Resolves when nothing is in flight; after `withinMs` handlers are told to stop. */
  async drained(withinMs: number): Promise<void> {
    if (this.inFlight === 0) return;
    const timer = setTimeout(() => {
      this.stopping.abort(new Error('the agent stops'));
      this.idle?.();
    }, withinMs);
    await new Promise<void>((resolve) => {
      this.idle = resolve;
    });
    clearTimeout(timer);
  }

  private async execute(capability: CapabilityOptions, call: TaskCall, abandoned: AbortSignal): Promise<TaskAnswer> {
    this.inFlight += 1;
    try {
      const answer = await handle(capability, call, AbortSignal.any([abandoned, this.stopping.signal]), this.log);
      this.counts.done += 1;
      return answer;
    } catch (error) {
      this.counts.done += 1;
      if (!(error instanceof AgentProblem && error.status < 500)) this.counts.failed += 1;
      throw error;
    } finally {
      this.inFlight -= 1;
      if (this.inFlight === 0) this.idle?.();
    }
  }
}

async function handle(
  { input: inputSchema, output: outputSchema, handler }: CapabilityOptions,
  { request, traceparent }: TaskCall,
  stopped: AbortSignal,
  log: Logger,
): Promise<TaskAnswer> {
  const { idempotencyKey, deadlineMs, run } = request;
  const parsed = await (inputSchema ?? anything).safeParseAsync(request.input);
  if (!parsed.success)
    throw new AgentProblem(422, 'Invalid input', `the input of ${request.capability} breaks its schema`, {
      errors: violationsOf(parsed.error.issues),
    });

  const deadline = new AbortController();
  const endDeadline = () => deadline.abort(new Error('the deadline is over'));
  const timer = setTimeout(endDeadline, Math.min(deadlineMs, 2 ** 31 - 1)).unref();
  let facts: Parameters<TaskContext['report']>[0] = {};
  const context: TaskContext = {
    signal: AbortSignal.any([deadline.signal, stopped]),
    idempotencyKey,
    deadlineMs,
    runId: run.id,
    step: run.step,
    attempt: run.attempt,
    traceparent,
    log: log.child({ runId: run.id, step: run.step, attempt: run.attempt }),
    report: (reported) => (facts = { ...facts, ...reported }),
  };
  try {
    const output = await handler(parsed.data, context);
    return { output: await checked(output, outputSchema), ...facts };
  } catch (cause) {
    if (cause instanceof AgentProblem) throw cause;
    const detail = cause instanceof Error ? cause.message.slice(0, 500) : 'the handler failed';
    if (cause instanceof TaskRejected) throw new AgentProblem(422, 'Task rejected', detail, { cause });
    throw new AgentProblem(500, 'Task failed', detail || 'the handler failed', { cause });
  } finally {
    clearTimeout(timer);
  }
}

async function checked(output: unknown, schema: CapabilityOptions['output']): Promise<Json> {
  const result = await (schema ?? anything).safeParseAsync(output ?? null);
  if (result.success) return result.data as Json;
  throw new AgentProblem(500, 'Invalid output', 'the output breaks the schema of the capability', {
    errors: violationsOf(result.error.issues),
  });
}
