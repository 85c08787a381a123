import { proxyLocalActivities } from '@temporalio/workflow';
import type { Task, TaskList } from '../../../contracts/definition-tasks.js';
import type { Json } from '../../../contracts/json.js';
import type { LanguageActivities } from '../../../contracts/language-activities.js';
import type { Value } from '../../../contracts/values.js';
import { SMALL_STEP } from '../../lib/activity-options.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { plain } from '../../lib/values.js';
import { taskKindOf } from '../../language/task-kind.js';
import { isObject } from '../board-writes.js';
import { type PlannedTask, type PlanRules, readPlan, SKELETON } from './plan-rules.js';

/** A graph of tasks, or a list of tasks of the workflow language with a planned task for each of its own. */
export type ReadPlan = { tasks: PlannedTask[]; list?: TaskList } | { errors: string[] };

/** What a planner or a person answered, when it can be carried out. */
export async function readAnswer(ctx: PatternContext, answer: Value, rules: PlanRules): Promise<ReadPlan> {
  const skeleton = plain(await ctx.transform(SKELETON, answer));
  if (!isObject(skeleton) || skeleton.list !== true) return readPlan(skeleton, rules);
  const tasks = listOf(plain(answer));
  if (tasks === undefined) return { errors: ['the plan is too large: a list of tasks has at most 32 KiB'] };
  const { allow, maxTasks, maxCalls, finished } = rules;
  const { checkTasks } = proxyLocalActivities<LanguageActivities>(SMALL_STEP);
  const { errors } = await checkTasks({
    ...ctx.ref,
    tasks,
    allow,
    maxTasks,
    ...(maxCalls === undefined ? {} : { maxCalls }),
    finished: [...finished],
  });
  if (errors.length > 0) return { errors };
  const list = tasks as unknown as TaskList;
  return { tasks: plannedTasks(list), list };
}

const listOf = (answer: Json | undefined): Json | undefined => (isObject(answer) ? answer.do : answer);

/** Each is given what the one before it gave. */
function plannedTasks(list: TaskList): PlannedTask[] {
  const named = list.map((entry) => Object.entries(entry)[0] as [string, Task]);
  return named.map(([id, task], index) => ({
    id,
    capability: whatDoes(task),
    dependsOn: named.slice(Math.max(0, index - 1), index).map(([before]) => before),
    hasInput: false,
    priority: 0,
    index,
  }));
}

/** Who does it, where that is an agent; otherwise what is called, or the kind of the task. */
function whatDoes(task: Task): string {
  if (!('call' in task)) return taskKindOf(task);
  const { capability } = (task.with ?? {}) as { capability?: unknown };
  return task.call === 'agent' && typeof capability === 'string' ? capability : task.call;
}
