import { CancellationScope, continueAsNew } from '@temporalio/workflow';
import type { BulkCatalog, BulkShardInput } from '../../contracts/run-workflow.js';
import type { TerminalStatus } from '../../contracts/runs.js';
import type { Patterns } from '../lib/pattern-context.js';
import { finish, takeSteering } from '../lib/run-pattern.js';
import { RunState } from '../lib/run-state.js';
import { watchWaits } from '../lib/waits.js';
import { wholeEnd } from './bulk-budget.js';
import { bulkEnd } from './bulk-end.js';
import { ShardBudget } from './shard-budget.js';
import { ShardItems } from './shard-items.js';

/**
 * Works off the items of one shard, each by the pattern at its place `items/<index>`. When the history is full it lets
 * the items under way end and goes on as new from the next one.
 */
export async function runShard(input: BulkShardInput, patterns: Patterns): Promise<TerminalStatus> {
  const run = new RunState(input, patterns);
  run.scheduler.paused = input.paused;
  Object.assign(run.shown, input.shown);
  run.events.add('run/started', 'run.started', { resumed: input.resumed });
  takeSteering(run);
  const budget = input.budget && new ShardBudget(run, input, input.budget);

  return CancellationScope.nonCancellable(async () => {
    const waits = watchWaits(run);
    const items = new ShardItems(run, input, budget);
    const next = await items.work();
    if (budget) await budget.known();
    if (next !== undefined) {
      await run.flush();
      return continueAsNew<BulkCatalog['bulkShard']>({
        ...input,
        next,
        paused: run.scheduler.paused,
        shown: run.shown,
        ...budget?.carried,
      });
    }
    waits.end();
    const end = wholeEnd(budget?.place, bulkEnd(items.counts, run.scope.reason));
    run.scope.stop('lost');
    await finish(run, end);
    return end.status;
  });
}
