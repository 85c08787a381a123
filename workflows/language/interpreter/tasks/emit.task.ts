import type { EmitTask } from '../../../../contracts/definition-tasks.js';
import type { Value } from '../../../../contracts/run-workflow.js';
import { fault } from '../fault.js';
import type { Interpretation } from '../interpretation.js';
import type { TaskEnd, TaskPlace } from '../place.js';

/** Refused: not carried out yet. */
export async function performEmit(
  _run: Interpretation,
  place: TaskPlace,
  _task: EmitTask,
  _input: Value,
): Promise<TaskEnd> {
  throw fault('configuration', place.pointer, { detail: 'emit is not carried out yet' });
}
