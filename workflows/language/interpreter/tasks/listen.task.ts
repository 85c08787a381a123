import type { ListenTask } from '../../../../contracts/definition-tasks.js';
import type { Value } from '../../../../contracts/run-workflow.js';
import { fault } from '../fault.js';
import type { Interpretation } from '../interpretation.js';
import type { TaskEnd, TaskPlace } from '../place.js';

/** Refused: not carried out yet. */
export async function performListen(
  _run: Interpretation,
  place: TaskPlace,
  _task: ListenTask,
  _input: Value,
): Promise<TaskEnd> {
  throw fault('configuration', place.pointer, { detail: 'listen is not carried out yet' });
}
