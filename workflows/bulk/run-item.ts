import { CancellationScope, proxyLocalActivities } from '@temporalio/workflow';
import type { ItemRunActivities, ItemRunInput } from '../../contracts/item-runs.js';
import type { StartableWorkflow } from '../../contracts/run-workflow.js';
import { FINISH_RUN } from '../lib/activity-options.js';

/** What an item's run begins with; one that goes on in a new history has it. Also when it is canceled at once: it has an end to write. */
export async function itemStart(input: ItemRunInput | StartableWorkflow): Promise<StartableWorkflow> {
  if ('with' in input) return input;
  const { orgId, runId, resumed, agentQueue } = input;
  const { loadItemRun } = proxyLocalActivities<ItemRunActivities>(FINISH_RUN);
  const start = await CancellationScope.nonCancellable(() => loadItemRun({ orgId, runId, resumed }));
  return agentQueue === undefined ? start : { ...start, agentQueue };
}
