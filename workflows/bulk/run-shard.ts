import { CancellationScope, continueAsNew } from '@temporalio/workflow';
import type { BulkCatalog, BulkShardInput } from '../../contracts/run-workflow.js';
import type { TerminalStatus } from '../../contracts/runs.js';
import type { Patterns } from '../lib/pattern-context.js';
import { finish, rootContext, takeSteering } from '../lib/run-pattern.js';
import { RunState } from '../lib/run-state.js';
import { watchWaits } from '../lib/waits.js';
import { wholeEnd } from './bulk-budget.js';
import { bulkEnd } from './bulk-end.js';
import { ItemRuns } from './item-runs.js';
import { PatternItems } from './pattern-items.js';
import { ShardBudget } from './shard-budget.js';
import { ShardItems } from './shard-items.js';

/**
 * Works off the items of one shard, each by the pattern at its place `items/<index>` or as a run of its own. When the history is full it lets
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
    const ctx = budget?.context ?? rootContext(run);
    const items =
      input.pattern === 'workflow'
        ? new ShardItems(ctx, input, new ItemRuns(ctx, input))
        : new ShardItems(ctx, input, new PatternItems(run, ctx, input, budget));
    const next = await items.workOff();
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
