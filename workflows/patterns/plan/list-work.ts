import type { PatternContext } from '../../lib/pattern-context.js';
import type { InboxReader } from '../../lib/run-inbox.js';
import { NULL } from '../../lib/values.js';
import type { WrittenTasks } from '../../language/interpreter/written-tasks.js';
import type { RunningPlan, Work } from './plan-work.js';

/** A plan's list of tasks while it is worked off. */
export interface RunningList {
  tasks: WrittenTasks;
  /** What earlier plans have finished, by name: it is not done again. */
  kept: Work['finished'];
}

/** They cost nothing, and where they lead depends on the list that they stand in. */
const DONE_AGAIN = ['set', 'switch'];

/**
 * Works off a list from where it stands until its end, a failure, or `news`. At its end what it did not come to is left
 * out.
 */
export async function runList(
  ctx: PatternContext,
  list: RunningList,
  { running, work, news }: { running: RunningPlan; work: Work; news?: InboxReader },
): Promise<void> {
  const { tasks, begun } = running;
  const capabilityOf = (name: string) => tasks.find(({ id }) => id === name)?.capability ?? name;
  for (let { next } = list.tasks; next; { next } = list.tasks) {
    const { name, task } = next;
    if (ctx.stopped !== undefined || news?.hasNews() || work.failures.has(name)) return;
    const kept = list.kept.get(name);
    // A jump back to it means that it is to be done again.
    list.kept.delete(name);
    if (kept && !DONE_AGAIN.some((kind) => Object.hasOwn(task, kind))) {
      list.tasks.skip(kept.output);
      work.last = name;
      continue;
    }
    begun.set(name, (begun.get(name) ?? 0) + 1);
    work.finished.delete(name);
    const end = await list.tasks.step();
    if (end === 'stopped') return;
    const capability = capabilityOf(name);
    if ('error' in end) return void work.failures.set(name, { capability, error: end.error });
    work.finished.set(name, { capability, output: end.output });
    work.last = name;
  }
  for (const { id, capability } of tasks)
    if (!work.finished.has(id)) work.finished.set(id, { capability, output: NULL, isLeftOut: true });
}
