import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { AgentRequest } from '../contracts/agent-protocol.js';
import { type AgentAnswer, answersKind, handleRequest, kindsOf } from './agent-answer.js';
import type { CapabilityOptions } from './agent-options.js';
import { AgentProblem } from './agent-problem.js';
import { SharedAnswers } from './shared-answers.js';

const KEPT_ANSWERS = 1_000;

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
  private readonly answers = new SharedAnswers<AgentAnswer>(KEPT_ANSWERS);
  private readonly stopping = new AbortController();
  private idle: (() => void) | undefined;

  constructor(
    private readonly capabilities: Record<string, CapabilityOptions>,
    readonly maxConcurrency: number,
    private readonly log: Logger,
  ) {}

  /** Fails with AgentProblem. */
  async perform(call: TaskCall): Promise<AgentAnswer> {
    const { kind, capability: name, input, idempotencyKey } = call.request;
    const capability = Object.hasOwn(this.capabilities, name) ? this.capabilities[name] : undefined;
    if (!capability)
      throw new AgentProblem(404, 'Unknown capability', `this agent has no capability ${name}`, {
        errors: [{ path: 'capability', message: 'is unknown', allowed: Object.keys(this.capabilities) }],
      });
    if (!answersKind(capability, kind))
      throw new AgentProblem(422, 'Unsupported request', `capability ${name} answers no request of kind ${kind}`, {
        errors: [{ path: 'kind', message: 'is not supported', allowed: kindsOf(capability) }],
      });
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([kind, name, input]))
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

  private async execute(capability: CapabilityOptions, call: TaskCall, abandoned: AbortSignal): Promise<AgentAnswer> {
    this.inFlight += 1;
    try {
      const answer = await handleRequest(
        capability,
        call,
        AbortSignal.any([abandoned, this.stopping.signal]),
        this.log,
      );
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
