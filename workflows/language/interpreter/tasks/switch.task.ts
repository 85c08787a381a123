import type { SwitchCase, SwitchTask } from '../../../../contracts/definition-tasks.js';
import type { Value } from '../../../../contracts/values.js';
import { isTrue } from '../expressions.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import type { TaskEnd, TaskPlace } from '../place.js';

/** Goes where the first case that holds leads to, else the one without a condition; the data stays as it is. */
export async function performSwitch(
  run: Interpretation,
  place: TaskPlace,
  task: SwitchTask,
  input: Value,
): Promise<TaskEnd> {
  const cases = task.switch.map((entry) => Object.values(entry)[0] as SwitchCase);
  const known = bodyVariables(run, place);
  for (const { when, then } of cases) {
    if (when !== undefined && (await isTrue(place, when, input, known))) return { output: input, then };
  }
  const otherwise = cases.find(({ when }) => when === undefined);
  return otherwise ? { output: input, then: otherwise.then } : { output: input };
}
