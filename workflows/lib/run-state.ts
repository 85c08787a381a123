import {
  CancellationScope,
  isCancellation,
  proxyLocalActivities,
  setCurrentDetails,
  sleep,
} from '@temporalio/workflow';
import type { CloudEvent } from '../../contracts/event-bus.js';
import type { Recalled } from '../../contracts/memory-activities.js';
import type { CallResult, RunActivities, RunInput } from '../../contracts/run-workflow.js';
import type { CarriedRun } from '../../contracts/workflow-run.js';
import { SMALL_STEP } from './activity-options.js';
import { Approvals } from './approvals.js';
import { CallScheduler } from './call-scheduler.js';
import { Evaluator } from './evaluator.js';
import { EventInbox } from './event-inbox.js';
import { EventBuffer } from './event-buffer.js';
import type { SeenEntries } from './memory-view.js';
import { RunInbox } from './run-inbox.js';
import { historyFrom } from './carried-history.js';
import { RunHistory } from './run-history.js';
import type { Patterns } from './pattern-context.js';
import { StopScope } from './stop-scope.js';

/** What all patterns of one run share. */
export class RunState {
  readonly events = new EventBuffer();
  /** Pauses and waits that the run's stream has told of: their events are numbered. */
  readonly shown = { pauses: 0, waits: 0 };
  readonly scope = new StopScope();
  readonly scheduler: CallScheduler;
  readonly evaluator: Evaluator;
  /** Kept when something in the run is to be told of it. */
  readonly history: RunHistory | undefined;
  /** Somebody or something stood in for a task that failed. */
  isDegraded = false;
  readonly approvals: Approvals;
  /** Questions of agents whose calls followed others, until those calls are made again. */
  readonly asked = new Map<string, CallResult>();
  readonly eventInbox: EventInbox;
  /** Tasks of a definition that wait for events, or for a time to pass. */
  waitingTasks = 0;
  /** What patterns read of shared memory, by the pattern's path. */
  readonly seen = new Map<string, SeenEntries>();
  /** What is being read of shared memory for calls: those that go out together read once. */
  readonly recalls = new Map<string, Promise<Recalled>>();
  readonly inbox = new RunInbox();
  private flushing: Promise<void> = Promise.resolve();

  constructor(
    readonly input: RunInput,
    readonly patterns: Patterns,
  ) {
    this.scheduler = new CallScheduler(
      input,
      this.events,
      () => this.scope.stop('deadline'),
      () => (this.isDegraded = true),
    );
    this.evaluator = new Evaluator(input);
    this.history = JSON.stringify(input.with).includes('"context"') ? new RunHistory() : undefined;
    this.approvals = new Approvals(input, this.scope, this.events, () => this.flush(), this.shown);
    const { carried } = input;
    this.eventInbox = new EventInbox(input.runId, carried?.events, (event) => this.dropped(event));
    if (carried) this.goOnFrom(carried);
  }

  /** Nothing is under way but questions to persons, and tasks that wait. */
  isWaiting(): boolean {
    return this.approvals.pending + this.waitingTasks > 0 && this.scheduler.isIdle();
  }

  describe(details: string): void {
    setCurrentDetails(details);
  }

  /** Flushes follow one another, so that events keep their order. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(() => this.record());
    return this.flushing;
  }

  /** When every flush that was begun is durable. */
  flushed(): Promise<void> {
    return this.flushing;
  }

  /** Waits so long, or until `scope` is stopped; the deadline stops the run. */
  async wait(ms: number, scope: StopScope): Promise<void> {
    const leftMs = this.input.deadlineAt - Date.now();
    const timer = new CancellationScope();
    const forget = scope.onStop(() => timer.cancel());
    try {
      await timer.run(() => sleep(Math.max(1, Math.min(ms, leftMs))));
      if (leftMs < ms) this.scope.stop('deadline');
    } catch (error) {
      // Only a stop cancels this timer.
      if (!isCancellation(error)) throw error;
    } finally {
      forget();
    }
  }

  private goOnFrom({ signals, isDegraded, isPaused, shown, history }: CarriedRun): void {
    if (history) this.history?.restore('', historyFrom(history));
    for (const signal of signals) this.inbox.receive(signal);
    this.isDegraded = isDegraded;
    this.scheduler.paused = isPaused;
    Object.assign(this.shown, shown);
  }

  private dropped({ id, type, source }: CloudEvent): void {
    this.events.add(`dropped/${source}/${id}`, 'event.dropped', { id, type, source });
  }

  private async record(): Promise<void> {
    const events = this.events.take();
    if (events.length === 0) return;
    const { orgId, runId } = this.input;
    await proxyLocalActivities<RunActivities>(SMALL_STEP).recordEvents({ orgId, runId, events });
  }
}
