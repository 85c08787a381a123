import { CancellationScope, proxyLocalActivities, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { BulkActivities, BulkInput, RunActivities } from '../../contracts/run-workflow.js';
import type { TerminalStatus } from '../../contracts/runs.js';
import { FINISH_RUN } from '../lib/activity-options.js';
import { signal } from '../lib/run-pattern.js';
import type { Patterns } from '../lib/pattern-context.js';
import { RunState } from '../lib/run-state.js';
import { NULL } from '../lib/values.js';
import { BulkBudget, sharedBudget, wholeEnd } from './bulk-budget.js';
import { bulkEnd, lanes, unsaidEnd } from './bulk-end.js';
import { BulkSteering } from './bulk-steering.js';
import { startShard } from './start-shard.js';

/** Shards side by side: enough that the stragglers of one do not leave the others' places empty. */
const SHARDS_AT_ONCE = 4;

/**
 * A bulk run: its shards one after another in a few lanes, each a child workflow. What a shard left open, because it was
 * stopped or never started, is closed here; a canceled bulk keeps the items that had ended.
 */
export async function runBulk(input: BulkInput, patterns: Patterns): Promise<TerminalStatus> {
  const { orgId, runId, shards, maxConcurrency, deadlineAt } = input;
  const steering = new BulkSteering(input);
  const children = new CancellationScope();
  const shared = input.budget && sharedBudget(input.budget);
  const run = shared && new RunState({ ...input, input: NULL }, patterns);
  const budget = run && new BulkBudget(run, shared, (standing) => steering.tellBudget(standing));
  setHandler(signal('pause'), () => steering.pause());
  setHandler(signal('resume'), () => steering.resume());
  CancellationScope.current().cancelRequested.catch(() => {
    steering.cancel();
    run?.scope.stop('canceled');
    children.cancel();
  });

  return CancellationScope.nonCancellable(async () => {
    await steering.record('run/started', 'run.started', { resumed: input.resumed });
    const isOver = () => steering.isCanceled || Date.now() >= deadlineAt || budget?.isOver === true;
    const waiting = [...shards.entries()];
    const warnings: string[] = [];
    const lane = async (share: number) => {
      for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
        await steering.mayStart(deadlineAt - Date.now());
        if (isOver()) return;
        const [shard, { first, items }] = place;
        const problem = await startShard(input, shard, share, steering, budget);
        if (problem !== undefined && !isOver()) warnings.push(`items ${first} to ${first + items - 1}: ${problem}`);
      }
    };
    const shares = lanes(shards.length, maxConcurrency, SHARDS_AT_ONCE);
    // Lanes reject when they are canceled.
    const work = () => children.run(() => Promise.all(shares.map(lane))).catch(() => undefined);
    await (budget ? budget.while(work) : work());
    const stopped = steering.isCanceled ? 'canceled' : Date.now() >= deadlineAt ? 'deadline' : undefined;
    const { closeItems, finishRun } = proxyLocalActivities<BulkActivities & RunActivities>(FINISH_RUN);
    const counts = await closeItems({
      orgId,
      runId,
      ...unsaidEnd(stopped ?? (budget?.isOver === true ? 'budget' : undefined)),
    });
    const end = wholeEnd(budget?.place, bulkEnd(counts, stopped));
    await steering.recorded();
    await finishRun({ orgId, runId, ...end, warnings: [...end.warnings, ...warnings], events: [] });
    upsertSearchAttributes({ BrikkStatus: [end.status] });
    return end.status;
  });
}
