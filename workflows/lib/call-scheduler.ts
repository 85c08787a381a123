import { CancellationScope, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { AgentActivities, AgentCall, CallOutcome, FinishedCall, RunInput } from '../../contracts/run-workflow.js';
import { agentCallOptions } from './activity-options.js';
import { canceledCall, failedCall, ranOutOfTime, timedOutCall } from './call-outcomes.js';
import type { EventBuffer } from './event-buffer.js';
import { BATCH_CALLS, EARLY_BATCH_CALLS, MAX_ACTIVITIES, MAX_CALLS, TASK_BYTES } from './limits.js';
import { nextBatchSize } from './pack-batch.js';
import type { StopScope } from './stop-scope.js';
import { summarise } from './summary.js';
import { utf8Length } from './utf8.js';

export interface CallRequest {
  call: AgentCall;
  scope: StopScope;
  /** Awaited together with the others of the group. */
  group?: object;
  /** Its answer may decide a rule: it shares an activity with few others. */
  early: boolean;
  /** Undoes earlier work: goes out while the run is paused, canceled or past its deadline, with its own time limit. */
  shielded: boolean;
}

interface Waiting extends CallRequest {
  bytes: number;
  limit: number;
  /** When the whole call is over; milliseconds since the epoch. */
  endsAt: number;
  settled: boolean;
  settle: (outcome: FinishedCall) => void;
}

/**
 * Turns calls into batch activities, within the bounds of `limits.ts`. Calls made in the same step of the workflow are
 * packed together; a deferred call waits and is asked again, and a stopped one has the outcome `canceled`.
 */
export class CallScheduler {
  paused = false;
  private queue: Waiting[] = [];
  private activities = 0;
  private calls = 0;
  private deferred = 0;
  private dispatching = false;
  private taskSeen = -1;
  private taskBytes = 0;

  constructor(
    private readonly run: RunInput,
    private readonly events: EventBuffer,
    private readonly onDeadline: () => void,
  ) {}

  /** Nothing is in flight although work waits: a pause has taken hold. */
  isHeld(): boolean {
    return this.paused && this.activities === 0 && this.queue.length + this.deferred > 0;
  }

  /** Resolves with the call's last outcome; rejects only for what nobody planned. */
  submit(request: CallRequest): Promise<FinishedCall> {
    return new Promise((resolve) => {
      const { call, early, scope } = request;
      const waiting: Waiting = {
        ...request,
        bytes: utf8Length(JSON.stringify(call)),
        limit: early ? EARLY_BATCH_CALLS : BATCH_CALLS,
        endsAt: Date.now() + call.timeout.totalMs,
        settled: false,
        settle: (outcome) => {
          if (waiting.settled) return;
          waiting.settled = true;
          forget();
          resolve(outcome);
        },
      };
      const forget = scope.onStop(() => soon(() => this.abandon(waiting)));
      this.enqueue(waiting);
    });
  }

  /** Sends what may go now, at the end of the workflow's current step so that calls made together travel together. */
  dispatchSoon(): void {
    if (this.dispatching) return;
    this.dispatching = true;
    soon(() => {
      this.dispatching = false;
      this.dispatch();
    });
  }

  private enqueue(waiting: Waiting): void {
    this.queue.push(waiting);
    this.dispatchSoon();
  }

  private abandon(waiting: Waiting): void {
    this.queue = this.queue.filter((other) => other !== waiting);
    waiting.settle(canceledCall(waiting.call));
  }

  private dispatch(): void {
    const held = this.paused ? this.queue.filter(({ shielded }) => !shielded) : [];
    let ready = (this.paused ? this.queue.filter(({ shielded }) => shielded) : this.queue).filter((w) => !w.settled);
    const { historyLength } = workflowInfo();
    if (historyLength !== this.taskSeen) {
      this.taskSeen = historyLength;
      this.taskBytes = 0;
    }
    while (ready.length > 0 && this.activities < MAX_ACTIVITIES) {
      const batch = ready.slice(0, nextBatchSize(ready, this.activities));
      const bytes = batch.reduce((sum, call) => sum + call.bytes, 0);
      const fits = this.calls + batch.length <= MAX_CALLS && this.taskBytes + bytes <= TASK_BYTES;
      if (!fits && this.activities > 0) break;
      this.taskBytes += bytes;
      ready = ready.slice(batch.length);
      void this.send(batch);
    }
    this.queue = [...ready, ...held];
  }

  private async send(batch: Waiting[]): Promise<void> {
    const { orgId, runId, priority, traceparent, resumed } = this.run;
    const deadlineAt = this.deadlineOf(batch);
    const remainingMs = deadlineAt - Date.now();
    if (remainingMs <= 0) return this.tooLate(batch);
    const events = this.events.take();
    const calls = batch.map(({ call }) => call);
    const scope = new CancellationScope();
    const forget = batch.map((waiting) => waiting.scope.onStop(() => soon(() => cancelWhenUnwanted())));
    const cancelWhenUnwanted = () => {
      if (batch.every(({ settled }) => settled)) scope.cancel();
    };
    this.activities += 1;
    this.calls += batch.length;
    try {
      const longestCallMs = Math.max(...calls.map(({ timeout }) => timeout.totalMs));
      const options = agentCallOptions({ longestCallMs, remainingMs, summary: summarise(calls) });
      const outcomes = await scope.run(() =>
        proxyActivities<AgentActivities>(options).callAgents({
          orgId,
          runId,
          deadlineAt,
          priority,
          traceparent,
          resumed,
          calls,
          events,
        }),
      );
      this.settleAll(batch, outcomes);
    } catch (error) {
      this.events.putBack(events);
      if (ranOutOfTime(error)) this.tooLate(batch);
      // The stopped ones are settled by now or in this step; what is left failed with the batch.
      soon(() => batch.forEach(({ call, settle }) => settle(failedCall(call, error))));
    } finally {
      this.activities -= 1;
      this.calls -= batch.length;
      for (const unsubscribe of forget) unsubscribe();
      this.dispatchSoon();
    }
  }

  private tooLate(batch: Waiting[]): void {
    for (const { shielded, call, settle } of batch) if (shielded) settle(timedOutCall(call));
    if (batch.some(({ shielded }) => !shielded)) this.onDeadline();
  }

  /** Undoing work has its own time: the run's deadline may be what made it necessary. */
  private deadlineOf(batch: Waiting[]): number {
    if (!batch.some(({ shielded }) => shielded)) return this.run.deadlineAt;
    return Math.max(...batch.map(({ endsAt }) => endsAt));
  }

  private settleAll(batch: Waiting[], outcomes: CallOutcome[]): void {
    const byKey = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
    const isOverdue = Date.now() >= this.run.deadlineAt;
    for (const waiting of batch) {
      const outcome = byKey.get(waiting.call.key);
      // The activity ends its calls at the deadline, too: whoever is first, the run has timed out.
      if (isOverdue && !waiting.shielded && isFailed(outcome)) this.onDeadline();
      if (!outcome) waiting.settle(failedCall(waiting.call, new Error('the batch gave no outcome')));
      else if ('deferred' in outcome) void this.askAgain(waiting, outcome.deferred.afterMs);
      else waiting.settle(outcome);
    }
  }

  /** A call without a free agent waits outside of an activity, never past its own time or the run's. */
  private async askAgain(waiting: Waiting, afterMs: number): Promise<void> {
    if (waiting.settled) return;
    const endsAt = waiting.shielded ? waiting.endsAt : Math.min(waiting.endsAt, this.run.deadlineAt);
    const leftMs = endsAt - Date.now();
    if (leftMs <= 0) return waiting.settle(timedOutCall(waiting.call));
    const timer = new CancellationScope();
    const forget = waiting.scope.onStop(() => timer.cancel());
    this.deferred += 1;
    try {
      await timer.run(() => sleep(Math.min(Math.max(afterMs, 1), leftMs)));
    } catch {
      return; // Only a stop cancels this timer, and the stopped call is settled.
    } finally {
      this.deferred -= 1;
      forget();
    }
    const totalMs = Math.max(1, waiting.endsAt - Date.now());
    const timeout = { attemptMs: Math.min(waiting.call.timeout.attemptMs, totalMs), totalMs };
    waiting.call = { ...waiting.call, timeout };
    if (!waiting.settled) this.enqueue(waiting);
  }
}

const isFailed = (outcome: CallOutcome | undefined) =>
  outcome !== undefined && 'status' in outcome && outcome.status === 'failed';

/** After the microtasks at hand; the sandbox has no queueMicrotask. */
function soon(work: () => void): void {
  void Promise.resolve().then(work);
}
