import type { WaitTask } from '../../../../contracts/definition-tasks.js';
import type { Value } from '../../../../contracts/run-workflow.js';
import { readDuration } from '../expressions.js';
import { Halt } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import type { TaskEnd, TaskPlace } from '../place.js';

/** Lets time pass. What happened so far is on record before. */
export async function performWait(
  run: Interpretation,
  place: TaskPlace,
  task: WaitTask,
  input: Value,
): Promise<TaskEnd> {
  const ms = await readDuration(place, task.wait, input, bodyVariables(run, place));
  await place.ctx.flush();
  await place.ctx.wait(ms);
  if (place.ctx.stopped !== undefined) throw new Halt();
  return { output: input };
}
