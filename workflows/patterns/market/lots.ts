import type { MarketParams } from '../../../contracts/market.js';
import type { Value } from '../../../contracts/run-workflow.js';
import { ExpressionError } from '../../lib/expression-error.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { isRefused, isUsable, type PatternResult } from '../../lib/pattern-result.js';
import { inline, plain } from '../../lib/values.js';
import { listItems } from '../branch-plan.js';
import type { Order } from './match-orders.js';

/** An item of an exchange: what is to be done, its units, and the most that is paid for one. */
export interface Lot extends Order {
  index: number;
  /** Where it is done: `items/3`. */
  place: PatternContext;
  input: Value;
  /** What came of giving it out; undefined while nobody has had it. */
  result?: PatternResult;
}

/** All bidders hear of all items. */
const MAX_LOTS = 1_000;

/** The items for sale. Fails with an `ExpressionError` when they, their limits or their quantities cannot be read. */
export async function lotsOf(ctx: PatternContext, params: MarketParams, input: Value): Promise<Lot[]> {
  const items = await listItems(ctx, params.items ?? null, input);
  if (items.length > MAX_LOTS)
    throw new ExpressionError(`items gave ${items.length}, more than ${MAX_LOTS}`, ctx.where);
  const { limit = `${params.reserve ?? 0}`, quantity = '1', task } = params;
  return Promise.all(
    items.map(async (item, index): Promise<Lot> => {
      const place = ctx.at('items', index).withVariables({ item, index: inline(index) });
      const amount = async (name: string, expression: string) => {
        const value = plain(await place.evaluate(expression, item, { input }));
        if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
        throw new ExpressionError(`${name} gave ${JSON.stringify(value) ?? 'a large value'}, no amount`, place.where);
      };
      return {
        index,
        place,
        input: await place.input(task.input, item, { input }),
        limit: await amount('limit', limit),
        quantity: await amount('quantity', quantity),
      };
    }),
  );
}

export const isDone = ({ result }: Lot): boolean => result !== undefined && isUsable(result);
/** Somebody has had it, and nobody has done it; what a person refused is not given out again. */
export const isDefaulted = ({ result }: Lot): boolean =>
  result !== undefined && !isUsable(result) && !isRefused(result);
export const isUnsold = (lot: Lot): boolean => lot.result === undefined;
