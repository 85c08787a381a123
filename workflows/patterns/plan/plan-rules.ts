import type { Json } from '../../../contracts/json.js';

/**
 * jq: the tasks of a plan without their inputs, which may be large and are read when a task starts; `{list: true}` for a list
 * of tasks of the workflow language.
 */
export const SKELETON = `if (type == "object" and has("do")) or (type == "array" and length > 0 and all(.[]; type == "object" and length == 1 and all(.[]; type == "object")))
  then {list: true}
  else if type == "object" then .tasks else . end
  | if type == "array" then map(if type == "object" then {id, capability, dependsOn, when, priority, deadlineMs, hasInput: has("input")} else null end)
    else null end end`;

/** jq: the input of the task at this position of the plan. */
export const inputAt = (index: number): string => `if type == "object" then .tasks else . end | .[${index}].input`;

export interface PlannedTask {
  id: string;
  capability: string;
  dependsOn: string[];
  when?: string;
  hasInput: boolean;
  /** Higher goes first; 0 unless said. */
  priority: number;
  /** Milliseconds from when the plan begins to run. */
  deadlineMs?: number;
  /** Its position in the planner's answer. */
  index: number;
}

export interface PlanRules {
  allow: string[];
  maxTasks: number;
  /** Calls that the budget still covers. */
  maxCalls?: number;
  /** Ids of work that is finished: a plan may name it and depend on it. */
  finished: ReadonlySet<string>;
}

const NAME = /^[A-Za-z0-9._-]{1,128}$/;
const SHOWN_ERRORS = 20;

/** The tasks in an order in which each stands behind those it depends on, or why the plan cannot work. */
export function readPlan(found: Json | undefined, rules: PlanRules): { tasks: PlannedTask[] } | { errors: string[] } {
  if (found === undefined) return { errors: ['the plan is too large: 32 KiB without the inputs of its tasks'] };
  if (!Array.isArray(found))
    return {
      errors: [
        'the plan must be {"tasks": [{id, capability, input?, dependsOn?, when?}]}, or {"do": […]} in the workflow language',
      ],
    };
  if (found.length === 0) return { errors: ['the plan has no tasks'] };
  if (found.length > rules.maxTasks)
    return { errors: [`the plan has ${found.length} tasks, at most ${rules.maxTasks}`] };
  const errors: string[] = [];
  const tasks = found.flatMap((task, index) => readTask(task, index, rules, errors));
  errors.push(...repeated(tasks.map(({ id }) => id)).map((id) => `task ${id}: the id is given twice`));
  const known = new Set([...rules.finished, ...tasks.map(({ id }) => id)]);
  for (const { id, dependsOn } of tasks) {
    for (const other of dependsOn)
      if (!known.has(other)) errors.push(`task ${id} depends on ${other}, which is no task`);
  }
  const open = tasks.filter(({ id }) => !rules.finished.has(id)).length;
  if (open > (rules.maxCalls ?? open))
    errors.push(`the plan needs ${open} calls, and the budget covers ${rules.maxCalls}`);
  if (errors.length > 0) return { errors: errors.slice(0, SHOWN_ERRORS) };
  const order = inOrder(tasks);
  return Array.isArray(order)
    ? { tasks: order }
    : { errors: [`tasks wait for each other: ${order.cycle.join(' → ')}`] };
}

function readTask(task: Json, index: number, { allow }: PlanRules, errors: string[]): PlannedTask[] {
  const at = `task ${index + 1}`;
  if (task === null || typeof task !== 'object' || Array.isArray(task)) {
    errors.push(`${at} must be an object`);
    return [];
  }
  const { id, capability, dependsOn, when, hasInput, priority, deadlineMs } = task;
  const before = errors.length;
  if (typeof id !== 'string' || !NAME.test(id))
    errors.push(`${at}: id must be 1 to 128 characters of A-Z a-z 0-9 . _ -`);
  if (typeof capability !== 'string' || !isAllowed(capability, allow))
    errors.push(`${at}: capability must be one of ${allow.join(', ')}`);
  const others = dependsOn ?? [];
  const areNames = Array.isArray(others) && others.every((other) => typeof other === 'string' && NAME.test(other));
  if (!areNames) errors.push(`${at}: dependsOn must be a list of ids`);
  if (when !== null && typeof when !== 'string') errors.push(`${at}: when must be jq`);
  if (priority !== null && typeof priority !== 'number') errors.push(`${at}: priority must be a number`);
  if (deadlineMs !== null && !(typeof deadlineMs === 'number' && deadlineMs > 0))
    errors.push(`${at}: deadlineMs must be a number above 0`);
  if (errors.length > before) return [];
  return [
    {
      id: id as string,
      capability: capability as string,
      dependsOn: [...new Set(others as string[])],
      ...(typeof when === 'string' ? { when } : {}),
      hasInput: hasInput === true,
      priority: typeof priority === 'number' ? priority : 0,
      ...(typeof deadlineMs === 'number' ? { deadlineMs } : {}),
      index,
    },
  ];
}

/** `agent` allows agents of every capability; shared memory is allowed by name. */
const isAllowed = (capability: string, allow: string[]): boolean =>
  allow.includes(capability) || (allow.includes('agent') && NAME.test(capability) && !capability.startsWith('memory.'));

const repeated = (ids: string[]): string[] => [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];

/** Depth first in declared order: each task behind those it depends on, or the first cycle found. */
export function inOrder(tasks: PlannedTask[]): PlannedTask[] | { cycle: string[] } {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const ordered = new Set<PlannedTask>();
  const visit = (task: PlannedTask, trail: string[]): string[] | undefined => {
    if (ordered.has(task)) return undefined;
    const seenAt = trail.indexOf(task.id);
    if (seenAt >= 0) return [...trail.slice(seenAt), task.id];
    for (const id of task.dependsOn) {
      const other = byId.get(id);
      const cycle = other && visit(other, [...trail, task.id]);
      if (cycle) return cycle;
    }
    ordered.add(task);
    return undefined;
  };
  for (const task of tasks) {
    const cycle = visit(task, []);
    if (cycle) return { cycle };
  }
  return [...ordered];
}

/** Finished tasks of the plan that no finished task builds on, in declared order: what the plan came to. */
export function results(tasks: PlannedTask[], finished: ReadonlySet<string>): string[] {
  const done = tasks.filter(({ id }) => finished.has(id)).toSorted((one, other) => one.index - other.index);
  const used = new Set(done.flatMap(({ dependsOn }) => dependsOn));
  return done.map(({ id }) => id).filter((id) => !used.has(id));
}

/** What a new plan changes. */
export function difference(before: PlannedTask[], after: PlannedTask[], finished: ReadonlySet<string>) {
  const text = ({ id, capability, dependsOn, when, priority, deadlineMs }: PlannedTask) =>
    JSON.stringify([id, capability, dependsOn, when, priority, deadlineMs]);
  const old = new Map(before.map((task) => [task.id, text(task)]));
  const ids = new Set(after.map(({ id }) => id));
  const open = after.filter(({ id }) => !finished.has(id));
  return {
    added: open.filter(({ id }) => !old.has(id)).map(({ id }) => id),
    changed: open.filter((task) => old.has(task.id) && old.get(task.id) !== text(task)).map(({ id }) => id),
    removed: before.filter(({ id }) => !ids.has(id) && !finished.has(id)).map(({ id }) => id),
    finished: [...finished],
  };
}
