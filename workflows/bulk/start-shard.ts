import { startChild } from '@temporalio/workflow';
import type { BulkCatalog, BulkInput, BulkShard, BulkShardInput } from '../../contracts/run-workflow.js';
import { type BulkBudget, bulkSignal } from './bulk-budget.js';
import type { BulkSteering, ShardHandle } from './bulk-steering.js';

/** After the shard's own deadline, as of every run. */
const DEADLINE_GRACE_MS = 60_000;

/**
 * Runs one shard to its end with its share of the items under way. What is wrong when it ended without saying how, in
 * words; its open items are closed by the bulk run.
 */
export async function startShard(
  input: BulkInput,
  shard: number,
  maxConcurrency: number,
  steering: BulkSteering,
  budget: BulkBudget | undefined,
): Promise<string | undefined> {
  const { runId: bulkRunId, shards, maxConcurrency: _all, budget: _budget, ...shared } = input;
  const { runId, first, items } = shards[shard] as BulkShard;
  const start: BulkShardInput = {
    ...shared,
    runId,
    input: { inline: null },
    bulkRunId,
    shard,
    first,
    items,
    maxConcurrency,
    next: first,
    paused: steering.isPaused,
    ...(budget && { budget: { ...budget.place.budget, ...budget.place.limits }, asked: budget.place.asks }),
  };
  const told = budget?.told;
  let child: ShardHandle | undefined;
  try {
    child = await startChild<BulkCatalog['bulkShard']>('bulkShard', {
      args: [start],
      workflowId: `org_${shared.orgId}/${runId}`,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      // It replays more than other runs do.
      workflowTaskTimeout: 3_000,
      workflowExecutionTimeout: Math.max(0, shared.deadlineAt - Date.now()) + DEADLINE_GRACE_MS,
      parentClosePolicy: 'REQUEST_CANCEL',
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      searchAttributes: { BrikkOrg: [shared.orgId], BrikkPattern: [shared.pattern], BrikkStatus: ['accepted'] },
      staticSummary: `items ${first} to ${first + items - 1}, ${shared.pattern}`,
    });
    await steering.add(child, start.paused);
    if (budget && budget.told !== told) await child.signal(bulkSignal('budgetStanding'), budget.standing);
    await child.result();
    return undefined;
  } catch (error) {
    return `the shard ended early (${error instanceof Error ? error.name : 'unknown'})`;
  } finally {
    if (child) steering.remove(child);
  }
}
