import { createHash } from 'node:crypto';
import type { AgentSaid } from '../contracts/agent-progress.js';
import type { AgentRequest } from '../contracts/agent-protocol.js';
import { type AgentAnswer, answersKind, goingOn, handleRequest, kindsOf } from './agent-answer.js';
import { type AgentRoom, type CapabilityOptions, Deferred } from './agent-options.js';
import { AgentProblem } from './agent-problem.js';
import { LaterWork } from './later-work.js';
import { SharedAnswers } from './shared-answers.js';

const KEPT_ANSWERS = 1_000;

export interface TaskCall {
  request: AgentRequest;
  traceparent: string | undefined;
  /** Aborts when the caller's connection is gone. */
  left: AbortSignal;
  /** Told what the work says before its answer. */
  hear?: ((said: AgentSaid) => void) | undefined;
}

/** Runs handlers: at most `maxConcurrency` at once, each idempotency key once, each input and output checked. */
export class AgentTasks {
  inFlight = 0;
  private counts = { done: 0, failed: 0 };
  private readonly answers = new SharedAnswers<AgentAnswer | LaterWork>(KEPT_ANSWERS);
  private readonly stopping = new AbortController();
  private idle: (() => void) | undefined;

  constructor(
    private readonly capabilities: Record<string, CapabilityOptions>,
    readonly maxConcurrency: number,
    private readonly room: AgentRoom,
  ) {}

  /** An answer, or the body of a 202. Fails with AgentProblem. */
  async perform(call: TaskCall): Promise<{ status: 200 | 202; body: object }> {
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
    const execute = (abandoned: AbortSignal, say: (said: AgentSaid) => void) =>
      this.execute(capability, call, abandoned, say);
    const answer = await this.answers.answer(idempotencyKey, fingerprint, call.left, execute, call.hear);
    if (!(answer instanceof LaterWork)) return { status: 200, body: answer };
    if (answer.answer) return { status: 200, body: answer.answer };
    answer.callbackUrl = call.request.run.callbackUrl ?? answer.callbackUrl;
    return { status: 202, body: { taskId: answer.taskId } };
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

  private async execute(
    capability: CapabilityOptions,
    call: TaskCall,
    abandoned: AbortSignal,
    say: (said: AgentSaid) => void,
  ): Promise<AgentAnswer | LaterWork> {
    this.inFlight += 1;
    let goesOn = false;
    try {
      const stopped = AbortSignal.any([abandoned, this.stopping.signal]);
      const answer = await handleRequest(capability, call, stopped, this.room, say);
      if (answer instanceof Deferred) {
        goesOn = answer.work !== undefined;
        return this.answerLater(capability, call, answer);
      }
      this.counts.done += 1;
      return answer;
    } catch (error) {
      this.counts.done += 1;
      if (!(error instanceof AgentProblem && error.status < 500)) this.counts.failed += 1;
      throw error;
    } finally {
      if (!goesOn) this.leave();
    }
  }

  /** It keeps its slot until it is done and what came of it is posted. */
  private answerLater(capability: CapabilityOptions, call: TaskCall, { work }: Deferred): LaterWork {
    const { kind, idempotencyKey, run, deadlineMs } = call.request;
    const later = new LaterWork(run.callbackUrl ?? '', this.room.log);
    if (!work) return later;
    const leftMs = run.callbackMs ?? deadlineMs;
    const inTime = AbortSignal.any([AbortSignal.timeout(Math.min(leftMs, 2 ** 31 - 1)), this.stopping.signal]);
    const own = { ...call, request: { ...call.request, deadlineMs: leftMs } };
    const going = goingOn(capability, kind, work);
    const perform = async () => {
      const answer = await handleRequest(going, own, this.stopping.signal, this.room, later.say.bind(later));
      if (answer instanceof Deferred) throw new AgentProblem(500, 'Deferred twice', 'the work was deferred twice');
      return answer;
    };
    void later.perform(perform, inTime).then((isWell) => {
      this.counts.done += 1;
      if (!isWell) {
        this.counts.failed += 1;
        this.answers.forget(idempotencyKey);
      }
      this.leave();
    });
    return later;
  }

  private leave(): void {
    this.inFlight -= 1;
    if (this.inFlight === 0) this.idle?.();
  }
}
