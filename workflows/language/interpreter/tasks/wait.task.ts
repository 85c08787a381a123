import type { WaitTask } from '../../../../contracts/definition-tasks.js';
import type { Value } from '../../../../contracts/values.js';
import { readDuration } from '../expressions.js';
import { Halt } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import type { TaskEnd, TaskPlace } from '../place.js';

/** A shorter wait is not worth telling. */
const SHOWN_MS = 1_000;

/** Lets time pass. What happened so far is on record before. */
export async function performWait(
  run: Interpretation,
  place: TaskPlace,
  task: WaitTask,
  input: Value,
): Promise<TaskEnd> {
  const ms = await readDuration(place, task.wait, input, bodyVariables(run, place));
  const { ctx } = place;
  await ctx.flush();
  await (ms < SHOWN_MS ? ctx.wait(ms) : ctx.whileWaiting(() => ctx.wait(ms)));
  if (place.ctx.stopped !== undefined) throw new Halt();
  return { output: input };
}
