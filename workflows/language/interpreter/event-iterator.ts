import { patched } from '@temporalio/workflow';
import type { EventIterator } from '../../../contracts/definition-events.js';
import type { Value } from '../../../contracts/values.js';
import { inline } from '../../lib/values.js';
import { checkSchema } from './check-schema.js';
import { applyFilter } from './expressions.js';
import { bodyVariables, type Interpretation } from './interpretation.js';
import type { Place, TaskEnd, TaskPlace } from './place.js';
import { below } from '../json-pointer.js';

/**
 * What `foreach`, which stands at `pointer`, makes of an event or a message: its tasks, its output, its export. They may
 * lead to the end of the run.
 */
export async function performEach(
  run: Interpretation,
  place: TaskPlace,
  { item = 'item', at = 'index', do: tasks = [], output, export: exported }: EventIterator,
  given: { item: Value; index: number; pointer: string },
): Promise<TaskEnd> {
  const variables = { ...place.variables, [item]: given.item, [at]: inline(given.index) };
  const round: Place = { ...place, variables, pointer: below(given.pointer, 'do') };
  const end = await run.perform.list(run, round, tasks, given.item);
  const known = { ...bodyVariables(run, place), ...variables };
  const made = await applyFilter(round, output?.as, end.output, known);
  await checkSchema(run, round, output?.schema, made, 'output');
  // Runs that began before this was heeded go on without it.
  const isStrict = (end.then === 'end' || exported?.schema !== undefined) && patched('2026-11-each-event');
  if (exported) {
    const context = await applyFilter(round, exported.as, made, { ...known, output: made });
    if (isStrict) await checkSchema(run, round, exported.schema, context, 'export');
    run.context = context;
  }
  return { output: made, ...(isStrict && end.then === 'end' && { then: 'end' }) };
}
