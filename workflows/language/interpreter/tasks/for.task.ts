import type { ForTask } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/run-workflow.js';
import { elements, inline } from '../../../lib/values.js';
import { evaluateField, isTrue } from '../expressions.js';
import { fault } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import type { Place, TaskEnd, TaskPlace } from '../place.js';
import { below } from '../pointer.js';

/** Rounds over the items, one after another; each is fed with the output of the one before. */
export async function performFor(run: Interpretation, place: TaskPlace, task: ForTask, input: Value): Promise<TaskEnd> {
  const items = await itemsOf(run, place, task, input);
  let output = input;
  for (const [index, item] of items.entries()) {
    const end = await performRound(run, place, task, { item, index, output });
    if (end === 'over') break;
    ({ output } = end);
    if (end.then !== undefined) return { output, then: end.then };
  }
  return { output };
}

export interface Round {
  item: Value;
  index: number;
  output: Value;
}

/** One round, or `over` when `while` no longer holds. */
export async function performRound(
  run: Interpretation,
  place: TaskPlace,
  task: ForTask,
  { item, index, output }: Round,
): Promise<TaskEnd | 'over'> {
  const { each = 'item', at = 'index' } = task.for;
  const round: Place = {
    ...place,
    pointer: below(place.pointer, 'do'),
    variables: { ...place.variables, [each]: item, [at]: inline(index) },
  };
  const known = { ...bodyVariables(run, place), ...round.variables };
  if ((await isTrue(place, task.while, output, known)) === false) return 'over';
  return run.perform.list(run, round, task.do, output);
}

/** Fails with an expression error when `in` is no list. */
export async function itemsOf(
  run: Interpretation,
  place: TaskPlace,
  { for: { in: source } }: ForTask,
  input: Value,
): Promise<Value[]> {
  const value =
    typeof source === 'string'
      ? await evaluateField(place, source, input, bodyVariables(run, place))
      : inline(source as Json);
  const items = elements(value);
  if (items) return items;
  throw fault('expression', place.pointer, { detail: 'for.in must give an array' });
}
