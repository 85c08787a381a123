import type { RaiseTask } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/values.js';
import type { WorkflowError } from '../../../../contracts/workflow-error.js';
import { plain } from '../../../lib/values.js';
import { evaluateTemplate } from '../expressions.js';
import { Fault, fault } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import type { TaskEnd, TaskPlace } from '../place.js';

/** Fails with the error in place, or the one that `use.errors` has under this name. */
export async function performRaise(
  run: Interpretation,
  place: TaskPlace,
  task: RaiseTask,
  input: Value,
): Promise<TaskEnd> {
  const { error } = task.raise;
  const template = typeof error === 'string' ? run.definition.use?.errors?.[error] : error;
  if (template === undefined)
    throw fault('configuration', place.pointer, { detail: `there is no error ${JSON.stringify(error)} in use.errors` });
  const value = await evaluateTemplate(place, template as unknown as Json, input, bodyVariables(run, place));
  throw new Fault(raised(plain(value), place.pointer));
}

function raised(value: Json | undefined, pointer: string): WorkflowError {
  const { type, status, title, detail, instance } = (value ?? {}) as Record<string, Json>;
  if (typeof type !== 'string' || typeof status !== 'number')
    throw fault('expression', pointer, { detail: 'an error needs a type and a status' });
  return {
    type,
    status,
    title: typeof title === 'string' ? title : type,
    ...(typeof detail === 'string' ? { detail } : {}),
    instance: typeof instance === 'string' ? instance : pointer,
  };
}
