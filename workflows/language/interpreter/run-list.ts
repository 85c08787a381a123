import type { TaskList } from '../../../contracts/definition-tasks.js';
import type { Value } from '../../../contracts/run-workflow.js';
import type { Interpretation } from './interpretation.js';
import { performTask } from './perform-task.js';
import type { Place, TaskEnd } from './place.js';
import { nextTask } from './task-list.js';

/** Tasks one after another, each with the output of the one before; `then: end` when the run is to end with it. */
export async function runList(run: Interpretation, place: Place, tasks: TaskList, input: Value): Promise<TaskEnd> {
  let output = input;
  for (let at = 0; at < tasks.length;) {
    const end = await performTask(run, place, tasks, at, output);
    output = end.output;
    const next = nextTask(place, tasks, at, end.then);
    if (typeof next === 'string') return next === 'end' ? { output, then: 'end' } : { output };
    at = next;
  }
  return { output };
}
