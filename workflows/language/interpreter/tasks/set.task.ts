import type { SetTask } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/values.js';
import { evaluateTemplate } from '../expressions.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import type { TaskEnd, TaskPlace } from '../place.js';

/** Replaces the data by what it evaluates to. */
export async function performSet(run: Interpretation, place: TaskPlace, task: SetTask, input: Value): Promise<TaskEnd> {
  const known = bodyVariables(run, place);
  return { output: await evaluateTemplate(place, task.set as Json, input, known, run.isExpression) };
}
