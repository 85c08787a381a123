import type { Task, TaskList } from '../../../contracts/definition-tasks.js';
import { fault } from './fault.js';
import type { Place } from './place.js';

/** The one name of a list's entry, and its task. */
export const entryOf = (entry: Record<string, Task>): [string, Task] => Object.entries(entry)[0] as [string, Task];

/** The index of the task that follows, or how the list ends. */
export function nextTask(place: Place, tasks: TaskList, at: number, then = 'continue'): number | 'exit' | 'end' {
  if (then === 'continue') return at + 1;
  if (then === 'exit' || then === 'end') return then;
  const target = tasks.findIndex((entry) => entryOf(entry)[0] === then);
  if (target < 0) throw fault('configuration', place.pointer, { detail: `there is no task ${then} in this list` });
  return target;
}
