import type { EventIterator } from '../../../contracts/definition-events.js';
import type { Value } from '../../../contracts/values.js';
import { inline } from '../../lib/values.js';
import { checkSchema } from './check-schema.js';
import { applyFilter } from './expressions.js';
import { bodyVariables, type Interpretation } from './interpretation.js';
import type { Place, TaskPlace } from './place.js';
import { below } from '../json-pointer.js';

/** What `foreach` makes of an event or a message: its tasks, its output, its export. */
export async function performEach(
  run: Interpretation,
  place: TaskPlace,
  { item = 'item', at = 'index', do: tasks = [], output, export: exported }: EventIterator,
  given: { item: Value; index: number },
): Promise<Value> {
  const variables = { ...place.variables, [item]: given.item, [at]: inline(given.index) };
  const round: Place = { ...place, variables, pointer: below(place.pointer, 'foreach', 'do') };
  const end = await run.perform.list(run, round, tasks, given.item);
  const known = { ...bodyVariables(run, place), ...variables };
  const made = await applyFilter(round, output?.as, end.output, known);
  await checkSchema(run, round, output?.schema, made, 'output');
  if (exported) run.context = await applyFilter(round, exported.as, made, { ...known, output: made });
  return made;
}
