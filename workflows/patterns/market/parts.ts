import type { MarketParams } from '../../../contracts/market.js';
import type { Value } from '../../../contracts/values.js';
import { ExpressionError } from '../../lib/expression-error.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { elements, inline } from '../../lib/values.js';

/** What one winner does: the whole task, or a share of it. */
export interface Part {
  index: number;
  input: Value;
  /** Of the price, which is that of the whole. */
  share: number;
}

/**
 * What is awarded: the task as often as it is wanted, or its parts, of which there are no more than winners. Fails with an
 * `ExpressionError` when `split` gives anything else.
 */
export async function partsOf(
  ctx: PatternContext,
  { count, split }: MarketParams['award'],
  task: Value,
  winners: number,
): Promise<Part[]> {
  if (split === undefined) return Array.from({ length: count }, (_, index) => ({ index, input: task, share: 1 }));
  const most = Math.min(count, winners);
  const list = elements(await ctx.evaluate(split, task, { count: inline(most) }));
  const said = list === undefined ? 'no list' : `${list.length} parts`;
  if (list === undefined || list.length === 0 || list.length > most)
    throw new ExpressionError(`award.split gave ${said} for ${most} winners`, ctx.where);
  return list.map((input, index) => ({ index, input, share: 1 / list.length }));
}
