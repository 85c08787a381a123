import { proxyLocalActivities } from '@temporalio/workflow';
import type { BulkActivities, BulkShardInput, EndedItem } from '../../contracts/run-workflow.js';
import type { NestedPattern } from '../../contracts/tasks.js';
import type { Value } from '../../contracts/values.js';
import { EXCHANGE } from '../lib/activity-options.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { stoppedEnd, unplanned } from '../lib/run-pattern.js';
import type { RunState } from '../lib/run-state.js';
import { itemEnd } from './bulk-budget.js';
import type { ShardBudget } from './shard-budget.js';
import type { ItemWork } from './shard-items.js';

const WARNINGS = 20;

interface Item {
  index: number;
  input: Value;
}

/** Items by a pattern, each at its place in the shard. */
export class PatternItems implements ItemWork<Item, EndedItem> {
  constructor(
    private readonly run: RunState,
    private readonly ctx: PatternContext,
    private readonly input: BulkShardInput,
    private readonly budget: ShardBudget | undefined,
  ) {}

  exchange(turn: { ended: EndedItem[]; next: number; limit: number }): ReturnType<BulkActivities['exchangeItems']> {
    const { orgId, runId, bulkRunId, shard, first, items } = this.input;
    const { ended, next, limit } = turn;
    const { exchangeItems } = proxyLocalActivities<BulkActivities>(EXCHANGE);
    return exchangeItems({ orgId, runId, bulkRunId, shard, first, items, ended, next, limit });
  }

  async perform({ index, input }: Item): Promise<EndedItem> {
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
    return error === undefined ? end : { ...end, error };
  }
}
