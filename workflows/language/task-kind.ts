import type { Task, TaskKind } from '../../contracts/definition-tasks.js';

/** `for` stands before `do`, which it also holds. */
export const TASK_KINDS = [
  'call',
  'emit',
  'for',
  'fork',
  'listen',
  'raise',
  'run',
  'set',
  'switch',
  'try',
  'wait',
  'do',
] as const satisfies readonly TaskKind[];

/** A task with its kind beside it, so that a `switch` over the kind knows its fields. */
export type KnownTask = {
  [Kind in TaskKind]: { kind: Kind; task: Extract<Task, { [Key in Kind]: unknown }> };
}[TaskKind];

/** Which of the twelve kinds a task of a checked definition is. */
export function taskKindOf(task: Task): TaskKind {
  const kind = TASK_KINDS.find((key) => Object.hasOwn(task, key));
  if (kind === undefined) throw new TypeError('the task is of no known kind');
  return kind;
}
