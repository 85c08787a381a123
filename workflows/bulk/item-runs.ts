import { proxyLocalActivities } from '@temporalio/workflow';
import type { EndedItemRun, ItemRun, ItemRunActivities, ItemRunInput } from '../../contracts/item-runs.js';
import type { LanguageActivities } from '../../contracts/language-activities.js';
import type { BulkShardInput } from '../../contracts/run-workflow.js';
import { EXCHANGE, SMALL_STEP } from '../lib/activity-options.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { endOnRecord, startRunBelow, steeringBelow } from '../lib/run-below.js';
import { unsaidEnd } from './bulk-end.js';
import type { ItemWork } from './shard-items.js';

type Exchange = ItemRunActivities['exchangeRuns'];

/** Items that follow a definition, each a run of its own below the shard: how they ended is where they wrote it. */
export class ItemRuns implements ItemWork<ItemRun, EndedItemRun> {
  constructor(
    private readonly ctx: PatternContext,
    private readonly input: BulkShardInput,
  ) {}

  exchange({ ended, next, limit }: Pick<Parameters<Exchange>[0], 'ended' | 'next' | 'limit'>): ReturnType<Exchange> {
    const { orgId, runId, bulkRunId, shard, first, items } = this.input;
    const { exchangeRuns } = proxyLocalActivities<ItemRunActivities>(EXCHANGE);
    return exchangeRuns({ orgId, runId, bulkRunId, shard, first, items, ended, next, limit });
  }

  async perform(item: ItemRun): Promise<EndedItemRun> {
    await this.ctx.unlessHeld();
    if (this.ctx.stopped === undefined) await this.toItsEnd(item);
    return { ...item, unsaid: unsaidEnd(this.ctx.stopped) };
  }

  /** A workflow that was ended by force says nothing; one that somebody else had started is known by its record alone. */
  private async toItsEnd({ index, runId: childRunId }: ItemRun): Promise<void> {
    const { orgId, runId, deadlineAt, correlationId, resumed, agentQueue } = this.input;
    const start = { orgId, runId: childRunId, resumed };
    const below = { orgId, runId: childRunId, deadlineAt, summary: `item ${index}` };
    const child = await startRunBelow<ItemRunInput>(
      'bulkItem',
      agentQueue === undefined ? start : { ...start, agentQueue },
      correlationId === undefined ? below : { ...below, correlationId },
    );
    const { readChild } = proxyLocalActivities<LanguageActivities>(SMALL_STEP);
    await steeringBelow<unknown>(this.ctx, childRunId, () =>
      child
        ? child.result().catch(() => undefined)
        : endOnRecord(this.ctx, () => readChild({ orgId, runId, childRunId, key: `items/${index}` })),
    );
  }
}
