import { condition, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { BulkActivities, BulkShardInput, EndedItem } from '../../contracts/run-workflow.js';
import type { NestedPattern } from '../../contracts/tasks.js';
import type { BulkCounts } from '../../contracts/runs.js';
import type { Value } from '../../contracts/values.js';
import { EXCHANGE } from '../lib/activity-options.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { rootContext, stoppedEnd, unplanned } from '../lib/run-pattern.js';
import type { RunState } from '../lib/run-state.js';
import { itemEnd } from './bulk-budget.js';
import type { ShardBudget } from './shard-budget.js';

/** So many ends are recorded, and places filled again, together; fewer when they have waited. */
const TOGETHER = 100;
const LONGEST_WAIT_MS = 500;
/** The engine's advice is 4,096 events; what is under way adds its own. */
const FULL_HISTORY = 2_000;
const WARNINGS = 20;

/**
 * The items of one shard: taken from the record as there is room, recorded as they end, neither of it one by one. One
 * that fails hurts no other; when the run is stopped those under way end and no more are taken.
 */
export class ShardItems {
  counts!: BulkCounts;
  private readonly ctx: PatternContext;
  private ended: EndedItem[] = [];
  private underWay = 0;
  private next: number;
  private readonly end: number;

  constructor(
    private readonly run: RunState,
    private readonly input: BulkShardInput,
    private readonly budget: ShardBudget | undefined,
  ) {
    this.ctx = budget?.context ?? rootContext(run);
    this.next = input.next;
    this.end = input.first + input.items;
  }

  /** Index of the first item that another workflow has to take; undefined when nothing is left to do here. */
  async work(): Promise<number | undefined> {
    let hasRoom = await this.exchange();
    while (hasRoom || this.underWay > 0 || this.ended.length > 0) {
      if (!hasRoom) {
        await condition(() => this.ended.length > 0);
        if (!this.hasEnough()) await condition(() => this.hasEnough(), LONGEST_WAIT_MS);
      }
      hasRoom = await this.exchange();
    }
    return this.next < this.end && this.ctx.stopped === undefined ? this.next : undefined;
  }

  private hasEnough(): boolean {
    return this.ended.length >= Math.min(TOGETHER, this.input.maxConcurrency) || this.underWay === 0;
  }

  /** Whether more could be taken at once: what was taken was as much as travels together. */
  private async exchange(): Promise<boolean> {
    const { orgId, runId, bulkRunId, shard, first, items, maxConcurrency } = this.input;
    const ended = this.ended;
    this.ended = [];
    const limit = this.takesMore() ? maxConcurrency - this.underWay : 0;
    const { exchangeItems } = proxyLocalActivities<BulkActivities>(EXCHANGE);
    const place = { orgId, runId, bulkRunId, shard, first, items };
    const { taken, counts } = await exchangeItems({ ...place, ended, next: this.next, limit });
    this.counts = counts;
    const last = taken.at(-1);
    if (last) this.next = last.index + 1;
    else if (limit > 0) this.next = this.end;
    for (const item of taken) {
      this.underWay += 1;
      void this.one(item);
    }
    return taken.length > 0 && taken.length < limit && this.takesMore();
  }

  private takesMore(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    const isFull = historyLength >= FULL_HISTORY || continueAsNewSuggested;
    return this.next < this.end && this.ctx.stopped === undefined && !isFull;
  }

  /** Never rejects: whatever nobody planned is the end of this item alone. */
  private async one({ index, input }: { index: number; input: Value }): Promise<void> {
    const scope = this.ctx.newScope();
    const place = this.ctx.at('items', index).branch(scope, false);
    const { pattern, with: parameters } = this.input;
    const done = await place.runPattern({ pattern, with: parameters } as NestedPattern, input).catch(unplanned);
    scope.stop('lost');
    const { status, terminationReason, output, error, degraded, warnings } = stoppedEnd(
      this.run,
      itemEnd(this.budget?.place, done),
    );
    const end = { index, status, terminationReason, output, degraded, warnings: warnings.slice(0, WARNINGS) };
    this.ended.push(error === undefined ? end : { ...end, error });
    this.underWay -= 1;
  }
}
