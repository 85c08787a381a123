import type { ForTask } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/values.js';
import { elements, inline } from '../../../lib/values.js';
import { evaluateField, isTrue } from '../expressions.js';
import { fault } from '../fault.js';
import { goOnWhenLong } from '../go-on-when-long.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import type { Begun, Place, TaskEnd, TaskPlace } from '../place.js';
import { below } from '../../json-pointer.js';

/** Rounds over the items, one after another; each is fed with the output of the one before. */
export async function performFor(
  run: Interpretation,
  place: TaskPlace,
  task: ForTask,
  input: Value,
  begun?: Begun,
): Promise<TaskEnd> {
  const loop = begun?.loop;
  const items = loop ? (elements(loop.items) ?? []) : await itemsOf(run, place, task, input);
  let output = loop?.output ?? input;
  for (let index = loop?.next ?? 0; index < items.length; index += 1) {
    if (begun) await goOnWhenLong(run, place, begun, { input, items, next: index, output });
    const end = await performRound(run, place, task, { item: items[index] as Value, index, output });
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
