import type { TaskList } from '../../../contracts/definition-tasks.js';
import type { Value } from '../../../contracts/values.js';
import type { CarriedLoop } from '../../../contracts/workflow-run.js';
import { GoingOn } from '../../lib/going-on.js';
import type { Interpretation, Performers } from './interpretation.js';
import { flowThrough, performTask } from './perform-task.js';
import type { Place, TaskEnd } from './place.js';
import { nextTask } from './task-list.js';

/** Tasks one after another, each with the output of the one before; `then: end` when the run is to end with it. */
export async function runList(run: Interpretation, place: Place, tasks: TaskList, input: Value): Promise<TaskEnd> {
  return runTasks(run, place, tasks, input, { at: 0 });
}

/** The document's own list: between its tasks a run goes on in a new history when the one it has is long. */
export async function runDocumentList(
  run: Interpretation,
  place: Place,
  tasks: TaskList,
  input: Value,
  from: { at: number; loop?: CarriedLoop } = { at: 0 },
): Promise<TaskEnd> {
  return runTasks(run, place, tasks, input, from, async (at, data) => {
    if (place.ctx.shouldGoOn && place.ctx.stopped === undefined)
      throw new GoingOn(await run.place(place.ctx, at, data));
  });
}

async function runTasks(
  run: Interpretation,
  place: Place,
  tasks: TaskList,
  input: Value,
  from: { at: number; loop?: CarriedLoop },
  between?: (at: number, data: Value) => Promise<void>,
): Promise<TaskEnd> {
  let output = input;
  let { loop } = from;
  for (let { at } = from; at < tasks.length;) {
    if (!loop) await between?.(at, output);
    const end = await performTask(run, place, tasks, at, output, loop);
    loop = undefined;
    output = end.output;
    const next = nextTask(place, tasks, at, end.then);
    if (typeof next === 'string') return next === 'end' ? { output, then: 'end' } : { output, hasExited: true };
    at = next;
  }
  return { output };
}

export const PERFORM: Performers = { list: runList, task: performTask, flow: flowThrough };
