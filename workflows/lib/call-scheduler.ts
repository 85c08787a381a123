import { CancellationScope, condition, patched, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { AgentActivities, CallOutcome, CallResult, RunInput } from '../../contracts/run-workflow.js';
import { agentCallOptions } from './activity-options.js';
import { canceledCall, failedCall, isFailed, ranOutOfTime, timedOutCall } from './call-outcomes.js';
import { CallWaits } from './call-waits.js';
import type { EventBuffer } from './event-buffer.js';
import { expectAgents } from './expect-agents.js';
import { JournaledCalls } from './journaled-calls.js';
import { BATCH_CALLS, EARLY_BATCH_CALLS, MAX_ACTIVITIES, MAX_CALLS, mostCalls, TASK_BYTES } from './limits.js';
import { bytesOf, nextBatchSize, packed } from './pack-batch.js';
import { followingOf } from './sized-call.js';
import { afterMicrotasks } from './after-microtasks.js';
import type { StopReason, StopScope } from './stop-scope.js';
import { summarise } from './summary.js';
import { type CallRequest, longestOf, type Waiting } from './waiting-call.js';

/**
 * Turns calls into batch activities, within the bounds of `limits.ts`: those made in one step are packed together, those
 * that follow one another travel as one. A deferred call is asked again, a stopped one has the outcome `canceled`.
 */
export class CallScheduler {
  paused = false;
  readonly waits: CallWaits;
  private readonly journaled: JournaledCalls;
  /** Calls that followed others and are answered later, until they are made again. */
  private readonly followers = new Map<string, number>();
  private queue: Waiting[] = [];
  private activities = 0;
  private calls = 0;
  /** Places of a definition that a pause keeps from going on. */
  private held = 0;
  private dispatching = false;
  private taskSeen = -1;
  private taskBytes = 0;

  constructor(
    private readonly run: RunInput,
    private readonly events: EventBuffer,
    private readonly onDeadline: () => void,
    private readonly onDegraded: () => void,
  ) {
    this.waits = new CallWaits(run);
    this.journaled = new JournaledCalls(run);
  }

  /** Nothing is in flight although work waits: a pause has taken hold. */
  isHeld(): boolean {
    return this.paused && this.activities === 0 && this.queue.length + this.waits.count + this.held > 0;
  }

  /** No call is in flight, nor waits to be. */
  isIdle(): boolean {
    return this.activities === 0 && this.queue.length + this.waits.count === 0;
  }

  /** Until the run is no longer paused, or `scope` is stopped. */
  async hold(scope: StopScope): Promise<void> {
    this.held += 1;
    try {
      await condition(() => !this.paused || scope.reason !== undefined);
    } finally {
      this.held -= 1;
    }
  }

  /**
   * Resolves with the outcomes in the order of the calls, each with those of the calls that followed it as far as they
   * were made; rejects only for what nobody planned.
   */
  submit(request: CallRequest): Promise<CallResult[][]> {
    const { calls, scope, early, together } = request;
    if (calls.length === 0) return Promise.resolve([]);
    const now = Date.now();
    return new Promise((resolve) => {
      const outcomes: CallResult[][] = Array.from({ length: calls.length });
      let open = calls.length;
      const waiting = calls.map(({ call, terms, bytes, termsBytes, following }, position): Waiting => {
        const entry: Waiting = {
          call,
          terms,
          bytes,
          termsBytes,
          following,
          request,
          ...(together && { group: request }),
          limit: early ? EARLY_BATCH_CALLS : together ? MAX_CALLS : BATCH_CALLS,
          endsAt: now + call.timeout.totalMs,
          settled: false,
          unwanted: false,
          inActivity: false,
          isRecalled: false,
          settle: (outcome, followers = []) => {
            if (entry.settled) return;
            entry.settled = true;
            outcomes[position] = [outcome, ...followers];
            if (outcomes[position].some(({ degraded }) => degraded)) this.onDegraded();
            open -= 1;
            if (open > 0) return;
            forget();
            resolve(outcomes);
          },
        };
        return entry;
      });
      const forget = scope.onStop((reason) => afterMicrotasks(() => this.abandon(waiting, reason)));
      for (const entry of waiting) {
        const dueAt = this.followers.size > 0 ? this.followers.get(entry.call.key) : undefined;
        this.followers.delete(entry.call.key);
        if (dueAt === undefined) this.queue.push(entry);
        else void this.awaitAnswer(entry, dueAt);
      }
      this.dispatchSoon();
    });
  }

  /** The run ends: calls that agents have and nobody waits for are recorded as they stand. */
  get withdrawn(): Promise<void> | undefined {
    for (const key of this.followers.keys()) this.waits.withdraw(key);
    this.followers.clear();
    return this.waits.withdrawn;
  }

  /** Sends what may go now, at the end of the workflow's current step so that calls made together travel together. */
  dispatchSoon(): void {
    if (this.dispatching) return;
    this.dispatching = true;
    afterMicrotasks(() => {
      this.dispatching = false;
      this.dispatch();
    });
  }

  private abandon(given: Waiting[], reason: StopReason): void {
    const open = new Set(given.filter(({ settled }) => !settled));
    this.queue = this.queue.filter((waiting) => !open.has(waiting));
    const sent = [...open].filter(({ inActivity, following }) => inActivity && following.length === 0);
    if (reason !== 'lost' && sent.length > 0 && patched('2026-11-finished-kept')) this.journaled.recall(sent);
    for (const waiting of open) {
      waiting.unwanted = true;
      if (waiting.call.pending && !waiting.inActivity) this.waits.withdraw(waiting.call.key);
      if (waiting.isRecalled || (waiting.inActivity && waiting.following.length > 0)) continue;
      waiting.settle(canceledCall(waiting.call));
    }
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
    const most = mostCalls(this.run);
    while (ready.length > 0 && this.activities < MAX_ACTIVITIES) {
      const batch = ready.slice(0, Math.min(most, nextBatchSize(ready, this.activities)));
      const bytes = bytesOf(batch);
      const fits = this.calls + batch.length <= most && this.taskBytes + bytes <= TASK_BYTES;
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
    const calls = batch.flatMap(({ call, following }) => [call, ...following.map((next) => next.call)]);
    const scope = new CancellationScope();
    const scopes = new Set(batch.map(({ request }) => request.scope));
    const forget = [...scopes].map((stopped) => stopped.onStop(() => afterMicrotasks(() => cancelWhenUnwanted())));
    const cancelWhenUnwanted = () => {
      if (batch.every(({ unwanted }) => unwanted)) scope.cancel();
    };
    if (taskQueue === undefined) expectAgents(orgId, batch);
    this.activities += 1;
    this.calls += batch.length;
    for (const waiting of batch) waiting.inActivity = true;
    try {
      const options = agentCallOptions({
        ...longestOf(batch),
        remainingMs,
        isAwaited: calls.length > batch.length,
        isShielded: batch.some(({ request }) => request.shielded),
        summary: summarise(calls),
        taskQueue,
      });
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
      await this.journaled.settleChains(batch);
      // The stopped ones are settled by now or in this step; what is left failed with the batch.
      afterMicrotasks(() => {
        for (const { call, isRecalled, settle } of batch) if (!isRecalled) settle(failedCall(call, error));
      });
    } finally {
      this.activities -= 1;
      this.calls -= batch.length;
      for (const waiting of batch) waiting.inActivity = false;
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
    for (const outcome of outcomes) if ('pending' in outcome) this.followers.set(outcome.key, outcome.pending.dueAt);
    for (const { call } of batch) this.followers.delete(call.key);
    for (const waiting of batch) {
      const outcome = byKey.get(waiting.call.key);
      const followers = followingOf(waiting, byKey);
      // The activity ends its calls at the deadline, too: whoever is first, the run has timed out.
      if (isOverdue && !waiting.request.shielded && isFailed(followers.at(-1) ?? outcome)) this.onDeadline();
      if (!outcome) waiting.settle(failedCall(waiting.call, new Error('the batch gave no outcome')));
      else if ('deferred' in outcome) void this.askAgain(waiting, outcome.deferred.afterMs);
      else if ('pending' in outcome) void this.awaitAnswer(waiting, outcome.pending.dueAt);
      else waiting.settle(outcome, followers);
    }
  }

  /** A call without a free agent waits outside of an activity, never past its own time or the run's. */
  private async askAgain(waiting: Waiting, afterMs: number): Promise<void> {
    if (waiting.settled) return;
    const endsAt = waiting.request.shielded ? waiting.endsAt : Math.min(waiting.endsAt, this.run.deadlineAt);
    const leftMs = endsAt - Date.now();
    if (leftMs <= 0) return waiting.settle(timedOutCall(waiting.call));
    if (await this.waits.pass(Math.min(Math.max(afterMs, 1), leftMs), waiting.request.scope)) this.again(waiting);
  }

  /** A call whose agent answers later waits outside of an activity, which then takes the answer, or its absence. */
  private async awaitAnswer(waiting: Waiting, dueAt: number): Promise<void> {
    const { call, request } = waiting;
    if (waiting.settled) return this.waits.withdraw(call.key);
    const end = await this.waits.answer(call.key, dueAt, request.scope);
    if (end === 'stopped') return waiting.settle(canceledCall(call));
    if (end === 'due' && !request.shielded && Date.now() >= this.run.deadlineAt) {
      this.waits.withdraw(call.key);
      return this.onDeadline();
    }
    this.again(waiting, true);
  }

  private again(waiting: Waiting, pending?: true): void {
    const totalMs = Math.max(1, waiting.endsAt - Date.now());
    const timeout = { ...waiting.call.timeout, attemptMs: Math.min(waiting.call.timeout.attemptMs, totalMs), totalMs };
    waiting.call = { ...waiting.call, timeout, pending };
    waiting.terms = { ...waiting.terms, timeout };
    if (!waiting.settled) this.queue.push(waiting);
    else if (waiting.call.pending) this.waits.withdraw(waiting.call.key);
    this.dispatchSoon();
  }
}
