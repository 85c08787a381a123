import { CancellationScope, continueAsNew, proxyLocalActivities } from '@temporalio/workflow';
import type { BulkCatalog, BulkShardInput, RunActivities } from '../../contracts/run-workflow.js';
import type { TerminalStatus } from '../../contracts/runs.js';
import { SMALL_STEP } from '../lib/activity-options.js';
import type { PatternContext, Patterns } from '../lib/pattern-context.js';
import type { PatternResult } from '../lib/pattern-result.js';
import { finish, rootContext, takeSteering } from '../lib/run-pattern.js';
import { RunState } from '../lib/run-state.js';
import { watchWaits } from '../lib/waits.js';
import { bulkEnd } from './bulk-end.js';
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

  return CancellationScope.nonCancellable(async () => {
    const waits = watchWaits(run);
    const { next, end } = await work(run, input);
    if (next !== undefined) {
      await run.flush();
      return continueAsNew<BulkCatalog['bulkShard']>({
        ...input,
        next,
        paused: run.scheduler.paused,
        shown: run.shown,
      });
    }
    waits.end();
    run.scope.stop('lost');
    await finish(run, end);
    return end.status;
  });
}

/** Under the budget of the bulk run, when it has one: used up, no further items are taken, and the bulk run ends as it says. */
async function work(run: RunState, input: BulkShardInput): Promise<{ next: number | undefined; end: PatternResult }> {
  let next: number | undefined;
  const work = async (ctx: PatternContext) => {
    const items = new ShardItems(run, input, ctx);
    next = await items.work();
    return bulkEnd(items.counts, run.scope.reason);
  };
  const { budget, orgId, runId, bulkRunId: from } = input;
  if (!budget) {
    const end = await work(rootContext(run));
    return { next, end };
  }
  const end = await rootContext(run).within({ ...budget, onExceeded: 'stop' }, work);
  if (next === undefined)
    await proxyLocalActivities<RunActivities>(SMALL_STEP).closeBudget({ orgId, runId, place: '', from });
  return { next, end };
}
