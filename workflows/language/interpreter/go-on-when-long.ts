import type { Value } from '../../../contracts/values.js';
import type { CarriedLoop } from '../../../contracts/workflow-run.js';
import { GoingOn } from '../../lib/going-on.js';
import { inline, plainList } from '../../lib/values.js';
import type { Interpretation } from './interpretation.js';
import type { Begun, TaskPlace } from './place.js';

/** Index in the document's own list. */
const OF_DOCUMENT = /^\/do\/(\d+)\/[^/]+$/;

/**
 * Between rounds of a task of the document's own list the run may go on in a new history; elsewhere something else may be
 * under way.
 */
export async function goOnWhenLong(
  run: Interpretation,
  { ctx, pointer, functions }: TaskPlace,
  { raw, startedAt }: Begun,
  { items, ...rest }: Omit<CarriedLoop, 'items' | 'startedAt'> & { items: Value[] },
): Promise<void> {
  const at = OF_DOCUMENT.exec(pointer)?.[1];
  if (at === undefined || functions.length > 0 || !ctx.shouldGoOn || ctx.stopped !== undefined) return;
  const plainItems = plainList(items);
  const list: Value = plainItems ? inline(plainItems) : { list: items };
  throw new GoingOn(await run.place(ctx, Number(at), raw, { ...rest, items: list, startedAt }));
}
