import { proxyLocalActivities } from '@temporalio/workflow';
import type { ChildBudget } from '../../contracts/child-runs.js';
import type { CallTimeout } from '../../contracts/calls.js';
import type { PatternName } from '../../contracts/patterns.js';
import type { NewRunEvent } from '../../contracts/events.js';
import type { Recalled, RecallRequest } from '../../contracts/memory-activities.js';
import type { ContextRoom } from '../../contracts/context.js';
import type { CallTarget, RunActivities, RunInput } from '../../contracts/run-workflow.js';
import type { RunRef, Value } from '../../contracts/values.js';
import type { CarriedBudget, CarriedHistory } from '../../contracts/workflow-run.js';
import { SMALL_STEP } from './activity-options.js';
import { CALL_DEFAULTS, inheritOptions } from './call-defaults.js';
import { carriedHistory } from './carried-history.js';
import type { EventInbox } from './event-inbox.js';
import { isHistoryLong } from './going-on.js';
import { ExpressionContext } from './expression-context.js';
import type { RunInbox } from './run-inbox.js';
import { RunMemory } from './run-memory.js';
import type { StopScope } from './stop-scope.js';

/** What a place may ask of its run. */
export class RunContext extends ExpressionContext {
  get ref(): RunRef {
    const { orgId, runId } = this.run.input;
    return { orgId, runId };
  }

  /** Events that no flush has taken yet. */
  get eventsWaiting(): number {
    return this.run.events.size;
  }

  /** What happened so far is on record when it resolves. */
  flush(): Promise<void> {
    return this.run.flush();
  }

  get start(): Pick<RunInput, 'resumed' | 'deadlineAt' | 'carried'> {
    return this.run.input;
  }

  get eventInbox(): EventInbox {
    return this.run.eventInbox;
  }

  /** Work that only waits: the run says so when nothing else is under way. */
  async whileWaiting<T>(work: () => Promise<T>): Promise<T> {
    this.run.waitingTasks += 1;
    try {
      return await work();
    } finally {
      this.run.waitingTasks -= 1;
      this.run.approvals.endWait();
    }
  }

  /** What the pattern of this place was given. */
  get given(): Value {
    return this.place.given;
  }

  /** Shared memory for a call that is told of it; calls that go out together and ask for the same read it once. */
  recall(request: RecallRequest): Promise<Recalled> {
    const { recalls, input } = this.run;
    const name = JSON.stringify(request);
    const known = recalls.get(name);
    if (known) return known;
    const reading = new RunMemory(input, this.path).recall(request).finally(() => recalls.delete(name));
    recalls.set(name, reading);
    return reading;
  }

  /** What agents of the target declare to take in. */
  contextRoom({ capability, agent, ...own }: CallTarget): Promise<ContextRoom> {
    const { orgId, runId } = this.run.input;
    const { labels } = inheritOptions(this.place.options, own);
    const { contextRoom } = proxyLocalActivities<RunActivities>(SMALL_STEP);
    return contextRoom({ orgId, runId, target: { capability, agent, labels } });
  }

  /** Whether the history is long, and nothing of the run would be lost in a new one. */
  get shouldGoOn(): boolean {
    return this.place.budget?.isAsking !== true && isHistoryLong();
  }

  /** What the run's budget takes along into a new history. */
  get carriedBudget(): CarriedBudget | undefined {
    return this.place.budget?.over();
  }

  /** What later work of the run itself may be told; between its tasks nothing else is under way. */
  async carriedHistory(): Promise<CarriedHistory | undefined> {
    const entries = this.run.history?.of('') ?? [];
    return entries.length === 0 ? undefined : carriedHistory(entries, (value) => this.carried(value));
  }

  /** The value as it may be carried into a new history: a large one is stored. */
  async carried(value: Value): Promise<Value> {
    const [small] = await this.run.evaluator.claimCheck(value, this.where);
    return small;
  }

  /** For an activity that writes them as it begins. */
  takeEvents(): NewRunEvent[] {
    return this.run.events.take();
  }

  /** What may not have been written. */
  putBackEvents(events: NewRunEvent[]): void {
    this.run.events.putBack(events);
  }

  /** What a run below is given of the budgets around this place; undefined where there are none. */
  get childBudget(): ChildBudget | undefined {
    const { budget, depth, shielded } = this.place;
    return budget && { levels: budget.carried(shielded)?.levels ?? [], ...budget.inherited(depth) };
  }

  /** Calls of this place count in the budgets around it from now on. */
  useBudget(): void {
    this.place.budget?.use();
  }

  /** Where agent calls of the run and of those below it are worked off. */
  get agentQueue(): string | undefined {
    return this.run.input.agentQueue;
  }

  get isPaused(): boolean {
    return this.run.scheduler.paused;
  }

  /** While the run is paused; the run shows it. */
  hold(scope: StopScope): Promise<void> {
    return this.run.scheduler.hold(scope);
  }

  /** Calls `listener` once, when the work here is stopped; the answer takes it back. */
  onStop(listener: () => void): () => void {
    return this.place.scope.onStop(listener);
  }

  /** At once, or when the run is no longer paused; what is stopped does not wait. */
  async unlessHeld(): Promise<void> {
    if (this.run.scheduler.paused) await this.run.scheduler.hold(this.place.scope);
  }

  /** Of a call here that says nothing of its time. */
  get timeout(): CallTimeout {
    return this.place.options.timeout ?? CALL_DEFAULTS.timeout;
  }

  /** How long a worker may be silent that makes a call of this place; undefined: as usual. */
  get heartbeatMs(): number | undefined {
    return this.place.heartbeatMs;
  }

  /** What the run is told while it goes on. */
  get inbox(): RunInbox {
    return this.run.inbox;
  }

  /** Later calls of this pattern are told nothing of the earlier ones. */
  forgetHistory(): void {
    this.run.history?.forget(this.place.pattern);
  }

  hasPattern(name: string): name is PatternName {
    return Object.hasOwn(this.run.patterns, name);
  }
}
