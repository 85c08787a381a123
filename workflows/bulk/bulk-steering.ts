import { type ChildWorkflowHandle, condition, proxyLocalActivities } from '@temporalio/workflow';
import type { BudgetStanding } from '../../contracts/bulk-budget.js';
import type { EventData, EventType, NewRunEvent } from '../../contracts/events.js';
import type { BulkCatalog, RunActivities } from '../../contracts/run-workflow.js';
import type { RunRef } from '../../contracts/values.js';
import { SMALL_STEP } from '../lib/activity-options.js';
import { bulkSignal } from './bulk-budget.js';

export type ShardHandle = ChildWorkflowHandle<BulkCatalog['bulkShard']>;

/** What a person asks of a bulk run, handed on to the shards under way. */
export class BulkSteering {
  isCanceled = false;
  isPaused = false;
  private pauses = 0;
  private readonly shards = new Set<ShardHandle>();
  private recording: Promise<void> = Promise.resolve();

  constructor(private readonly run: RunRef) {}

  cancel(): void {
    this.isCanceled = true;
  }

  async pause(): Promise<void> {
    if (this.isPaused) return;
    this.isPaused = true;
    this.pauses += 1;
    await this.tell('pause');
    await this.record(`pause/${this.pauses}`, 'run.paused', {});
  }

  async resume(): Promise<void> {
    if (!this.isPaused) return;
    this.isPaused = false;
    await this.tell('resume');
    await this.record(`resume/${this.pauses}`, 'run.resumed', {});
  }

  /** Waits while the run is paused, at most so long. */
  async mayStart(withinMs: number): Promise<void> {
    if (this.isPaused) await condition(() => !this.isPaused || this.isCanceled, Math.max(1, withinMs));
  }

  /** `wasPaused`: what it was told when it was started. */
  async add(shard: ShardHandle, wasPaused: boolean): Promise<void> {
    this.shards.add(shard);
    if (wasPaused !== this.isPaused) await shard.signal(this.isPaused ? 'pause' : 'resume');
  }

  remove(shard: ShardHandle): void {
    this.shards.delete(shard);
  }

  /** Events follow one another. */
  record<Type extends EventType>(key: string, type: Type, data: EventData[Type]): Promise<void> {
    const event = { key, type, data } as NewRunEvent;
    const { orgId, runId } = this.run;
    const { recordEvents } = proxyLocalActivities<RunActivities>(SMALL_STEP);
    this.recording = this.recording.then(() => recordEvents({ orgId, runId, events: [event] }));
    return this.recording;
  }

  /** When everything that was said is durable. */
  recorded(): Promise<void> {
    return this.recording;
  }

  /** One that has just ended needs no telling. */
  async tellBudget(standing: BudgetStanding): Promise<void> {
    const told = [...this.shards].map((shard) => shard.signal(bulkSignal('budgetStanding'), standing));
    await Promise.allSettled(told);
  }

  private async tell(what: 'pause' | 'resume'): Promise<void> {
    await Promise.all([...this.shards].map((shard) => shard.signal(what).catch(() => undefined)));
  }
}
