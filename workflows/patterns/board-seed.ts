import type { BoardSection } from '../../contracts/blackboard.js';
import type { Value } from '../../contracts/values.js';
import { ExpressionError } from '../lib/expression-error.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { inline, plain } from '../lib/values.js';
import type { Board } from './board.js';
import { isObject } from './board-writes.js';

/** Puts what the sections hold at the start onto the board. Fails with an `ExpressionError` when that is no object. */
export async function seedBoard(
  ctx: PatternContext,
  sections: readonly BoardSection[],
  board: Board,
  input: Value,
): Promise<void> {
  const origin = { author: 'start', causedBy: 'start', now: Date.now() };
  for (const { name: section, entries } of sections) {
    if (entries === undefined) continue;
    const place = ctx.at('board', section);
    const given = await place.input(entries, input, { input });
    for (const [key, value] of await fieldsOf(place, given)) {
      if (board.find(section, key)) continue;
      board.apply({ section, key, value, confidence: null, ttlMs: null, remove: false }, origin);
    }
  }
}

async function fieldsOf(place: PatternContext, given: Value): Promise<[string, Value][]> {
  const json = plain(given);
  if (isObject(json)) return Object.entries(json).map(([key, value]) => [key, inline(value)]);
  const keys = json === undefined ? plain(await place.transform('keys_unsorted', given)) : undefined;
  if (!Array.isArray(keys)) throw new ExpressionError('the entries of a section must be an object', place.where);
  const fields: [string, Value][] = [];
  for (const key of keys as string[]) {
    fields.push([key, await place.transform(`.[${JSON.stringify(key)}]`, given)]);
  }
  return fields;
}
