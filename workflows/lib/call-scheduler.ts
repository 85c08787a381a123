import { CancellationScope, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type {
  AgentActivities,
  AgentCall,
  CallBatch,
  CallOutcome,
  CallResult,
  RunInput,
  SharedTerms,
} from '../../contracts/run-workflow.js';
import { agentCallOptions } from './activity-options.js';
import { canceledCall, failedCall, ranOutOfTime, timedOutCall } from './call-outcomes.js';
import type { EventBuffer } from './event-buffer.js';
import { BATCH_CALLS, EARLY_BATCH_CALLS, MAX_ACTIVITIES, MAX_CALLS, TASK_BYTES } from './limits.js';
import { nextBatchSize } from './pack-batch.js';
import type { StopScope } from './stop-scope.js';
import { summarise } from './summary.js';

/** A call with the terms it shares with others, and the bytes it takes in a batch of its own. */
export interface SizedCall {
  call: AgentCall;
  terms: SharedTerms;
  bytes: number;
}

export interface CallRequest {
  calls: SizedCall[];
  scope: StopScope;
  /** Their answers may decide a rule: they share activities with few others. */
  early: boolean;
  /** They undo earlier work: they go out while the run is paused, canceled or past its deadline, in their own time. */
  shielded: boolean;
  /** Travel in as few activities as possible; otherwise alone while there is room. */
  together: boolean;
}

interface Waiting extends SizedCall {
  request: CallRequest;
  group?: object;
  limit: number;
  /** When the whole call is over; milliseconds since the epoch. */
  endsAt: number;
  settled: boolean;
  settle: (outcome: CallResult) => void;
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

  /** Resolves with the calls' last outcomes, in their order; rejects only for what nobody planned. */
  submit(request: CallRequest): Promise<CallResult[]> {
    const { calls, scope, early, together } = request;
    if (calls.length === 0) return Promise.resolve([]);
    const now = Date.now();
    return new Promise((resolve) => {
      const outcomes: CallResult[] = Array.from({ length: calls.length });
      let open = calls.length;
      const waiting = calls.map(({ call, terms, bytes }, position): Waiting => {
        const entry: Waiting = {
          call,
          terms,
          bytes,
          request,
          ...(together && { group: request }),
          limit: early ? EARLY_BATCH_CALLS : BATCH_CALLS,
          endsAt: now + call.timeout.totalMs,
          settled: false,
          settle: (outcome) => {
            if (entry.settled) return;
            entry.settled = true;
            outcomes[position] = outcome;
            open -= 1;
            if (open > 0) return;
            forget();
            resolve(outcomes);
          },
        };
        return entry;
      });
      const forget = scope.onStop(() => soon(() => this.abandon(waiting)));
      this.queue.push(...waiting);
      this.dispatchSoon();
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

  private abandon(given: Waiting[]): void {
    const open = new Set(given.filter(({ settled }) => !settled));
    this.queue = this.queue.filter((waiting) => !open.has(waiting));
    for (const { settle, call } of open) settle(canceledCall(call));
  }

  private dispatch(): void {
    const held = this.paused ? this.queue.filter(({ request }) => !request.shielded) : [];
    let ready = (this.paused ? this.queue.filter(({ request }) => request.shielded) : this.queue).filter(
      (w) => !w.settled,
    );
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
    const { orgId, runId, priority, traceparent, resumed, agentQueue: taskQueue } = this.run;
    const deadlineAt = this.deadlineOf(batch);
    const remainingMs = deadlineAt - Date.now();
    if (remainingMs <= 0) return this.tooLate(batch);
    const events = this.events.take();
    const calls = batch.map(({ call }) => call);
    const scope = new CancellationScope();
    const scopes = new Set(batch.map(({ request }) => request.scope));
    const forget = [...scopes].map((stopped) => stopped.onStop(() => soon(() => cancelWhenUnwanted())));
    const cancelWhenUnwanted = () => {
      if (batch.every(({ settled }) => settled)) scope.cancel();
    };
    this.activities += 1;
    this.calls += batch.length;
    try {
      const longestCallMs = Math.max(...calls.map(({ timeout }) => timeout.totalMs));
      const options = agentCallOptions({ longestCallMs, remainingMs, summary: summarise(calls), taskQueue });
      const outcomes = await scope.run(() =>
        proxyActivities<AgentActivities>(options).callAgents({
          orgId,
          runId,
          deadlineAt,
          priority,
          traceparent,
          resumed,
          ...packed(batch),
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
    for (const { request, call, settle } of batch) if (request.shielded) settle(timedOutCall(call));
    if (batch.some(({ request }) => !request.shielded)) this.onDeadline();
  }

  /** Undoing work has its own time: the run's deadline may be what made it necessary. */
  private deadlineOf(batch: Waiting[]): number {
    if (!batch.some(({ request }) => request.shielded)) return this.run.deadlineAt;
    return Math.max(...batch.map(({ endsAt }) => endsAt));
  }

  private settleAll(batch: Waiting[], outcomes: CallOutcome[]): void {
    const byKey = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
    const isOverdue = Date.now() >= this.run.deadlineAt;
    for (const waiting of batch) {
      const outcome = byKey.get(waiting.call.key);
      // The activity ends its calls at the deadline, too: whoever is first, the run has timed out.
      if (isOverdue && !waiting.request.shielded && isFailed(outcome)) this.onDeadline();
      if (!outcome) waiting.settle(failedCall(waiting.call, new Error('the batch gave no outcome')));
      else if ('deferred' in outcome) void this.askAgain(waiting, outcome.deferred.afterMs);
      else waiting.settle(outcome);
    }
  }

  /** A call without a free agent waits outside of an activity, never past its own time or the run's. */
  private async askAgain(waiting: Waiting, afterMs: number): Promise<void> {
    if (waiting.settled) return;
    const endsAt = waiting.request.shielded ? waiting.endsAt : Math.min(waiting.endsAt, this.run.deadlineAt);
    const leftMs = endsAt - Date.now();
    if (leftMs <= 0) return waiting.settle(timedOutCall(waiting.call));
    const timer = new CancellationScope();
    const forget = waiting.request.scope.onStop(() => timer.cancel());
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
    waiting.terms = { ...waiting.terms, timeout };
    if (waiting.settled) return;
    this.queue.push(waiting);
    this.dispatchSoon();
  }
}

const isFailed = (outcome: CallOutcome | undefined) =>
  outcome !== undefined && 'status' in outcome && outcome.status === 'failed';

/** The calls as they travel: thousands of one task carry its terms once a batch. */
function packed(batch: Waiting[]): Pick<CallBatch, 'terms' | 'calls'> {
  const terms = [...new Set(batch.map((waiting) => waiting.terms))];
  const places = new Map(terms.map((shared, place) => [shared, place]));
  const calls = batch.map(({ call: { key, path, input, role, round }, terms: shared }) => ({
    key,
    path,
    input,
    ...(role === undefined ? {} : { role }),
    ...(round === undefined ? {} : { round }),
    terms: places.get(shared) ?? 0,
  }));
  return { terms, calls };
}

/** After the microtasks at hand; the sandbox has no queueMicrotask. */
function soon(work: () => void): void {
  void Promise.resolve().then(work);
}
