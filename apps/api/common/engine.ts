import { Logger } from '@nestjs/common';
import type { Client } from '@temporalio/client';
import type { RunSignals } from '../../../contracts/run-signals.js';
import { BrikkError, type ErrorCode, ERRORS } from '../../../contracts/errors.js';
import { CORE_QUEUE, runWorkflowId } from '../../../contracts/run-workflow.js';
import type { RunRef } from '../../../contracts/values.js';
import { startRunWorkflow, type StartableRun } from '../../../database/start-run-workflow.js';

/** A frozen engine would hold a call for most of a minute otherwise. */
const DEADLINE_MS = 5_000;
/** Somebody waits, and can ask again. */
const START_DEADLINE_MS = 2_000;

export type Steering =
  | { kind: 'cancel' | 'pause' | 'resume' }
  | ({ kind: 'signal' } & RunSignals['signal'][0])
  | { kind: 'approval'; verdict: RunSignals['approval'][0] }
  | { kind: 'answer'; notice: RunSignals['answer'][0] };

/** Temporal, as the API uses it: to start and steer runs, never to wait for them. */
export class Engine {
  private readonly logger = new Logger(Engine.name);

  private readonly pending = new Set<Promise<unknown>>();
  private isClosing = false;

  constructor(
    readonly client: Client,
    private readonly agentQueue?: string,
  ) {}

  /** Whether the run's workflow is there now. When it is not, the sweeper starts it: the record is in Postgres. */
  async start(run: StartableRun): Promise<boolean> {
    return this.attempt('start', run.input, () => startRunWorkflow(this.client, run, this.agentQueue));
  }

  /** Whether the workflow has been told. When it has not, the sweeper tells it. */
  async steer(run: RunRef, steering: Steering): Promise<boolean> {
    const workflow = this.client.workflow.getHandle(runWorkflowId(run));
    return this.attempt(steering.kind, run, () =>
      this.within(async () => {
        switch (steering.kind) {
          case 'cancel':
            return void (await workflow.cancel());
          case 'pause':
          case 'resume':
            return workflow.signal(steering.kind);
          case 'signal':
            return workflow.signal('signal', { id: steering.id, name: steering.name, data: steering.data });
          case 'approval':
            return workflow.signal('approval', steering.verdict);
          case 'answer':
            return workflow.signal('answer', steering.notice);
        }
      }),
    );
  }

  /** What a workflow answers to somebody who waits for it. Fails `dependency.unavailable` when the engine or a worker is away. */
  async ask<T>(workflow: string, workflowId: string, request: object, waitMs: number): Promise<T> {
    const options = { taskQueue: CORE_QUEUE, workflowId, workflowExecutionTimeout: waitMs, args: [request] };
    try {
      const handle = await this.within(() => this.client.workflow.start(workflow, options), START_DEADLINE_MS);
      return (await this.within(() => handle.result(), waitMs + DEADLINE_MS)) as T;
    } catch (error) {
      const named = namedFailure(error);
      if (named) throw named;
      throw new BrikkError('dependency.unavailable', 'No worker answers now', { cause: error, retryAfterMs: 5_000 });
    }
  }

  async within<T>(call: () => Promise<T>, deadlineMs = DEADLINE_MS): Promise<T> {
    return this.track(this.client.withDeadline(Date.now() + deadlineMs, call));
  }

  /** A retry on a closed channel would throw where nobody catches: calls end first, at their deadline at the latest. */
  async close(): Promise<void> {
    this.isClosing = true;
    while (this.pending.size > 0) await Promise.allSettled(this.pending);
    await this.client.connection.close();
  }

  private track<T>(call: Promise<T>): Promise<T> {
    const settled = call.then(
      () => undefined,
      () => undefined,
    );
    this.pending.add(settled);
    void settled.then(() => this.pending.delete(settled));
    return call;
  }

  private async attempt(what: string, { runId }: RunRef, call: () => Promise<unknown>): Promise<boolean> {
    if (this.isClosing) return false;
    try {
      await this.track(call());
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      this.logger.warn({ runId, what, reason }, 'the engine did not take it; the sweeper will deliver it');
      return false;
    }
  }
}

/** What an activity said of itself, under the failures that the engine puts around it. */
function namedFailure(error: unknown): BrikkError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { type } = cause as { type?: unknown };
    if (typeof type === 'string' && type !== 'internal' && Object.hasOwn(ERRORS, type))
      return new BrikkError(type as ErrorCode, cause.message);
  }
  return undefined;
}
