import type { MarketParams } from '../../../contracts/market.js';
import type { Json } from '../../../contracts/json.js';
import type { Value } from '../../../contracts/values.js';
import { bareProgram } from '../../language/jq/index.js';
import { compiled, ExpressionError } from '../../lib/expression-error.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { isRefused, isUsable, type PatternResult } from '../../lib/pattern-result.js';
import { type Soon, whenKnown } from '../../lib/soon.js';
import { templateProgram } from '../../lib/template.js';
import { inline, NULL, plain } from '../../lib/values.js';
import { givenItems, itemsIn } from '../branch-plan.js';
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
  const given = await givenItems(ctx, params.items ?? null, input);
  const items = itemsIn(ctx, given);
  if (items.length > MAX_LOTS)
    throw new ExpressionError(`items gave ${items.length}, more than ${MAX_LOTS}`, ctx.where);
  const { limit = `${params.reserve ?? 0}`, quantity = '1', task } = params;
  const [limits, quantities, inputs] = await Promise.all([
    ofEach(ctx, bareProgram(limit), given, input),
    ofEach(ctx, bareProgram(quantity), given, input),
    inputsOf(ctx, task.input, given, input),
  ]);
  return items.map((item, index): Lot => {
    const place = ctx.at('items', index).withVariables({ item, index: inline(index) });
    return {
      index,
      place,
      input: inputs[index] ?? NULL,
      limit: amountIn('limit', limits[index] ?? NULL, place),
      quantity: amountIn('quantity', quantities[index] ?? NULL, place),
    };
  });
}

function inputsOf(ctx: PatternContext, template: Json | undefined, given: Value, input: Value): Soon<Value[]> {
  if (template === undefined) return itemsIn(ctx, given);
  const program = compiled(ctx.where, () => templateProgram(template));
  return program === undefined ? itemsIn(ctx, given).map(() => inline(template)) : ofEach(ctx, program, given, input);
}

/** What jq makes of each item, by one evaluation: a long list is stored, and its items are not fetched one by one. */
function ofEach(ctx: PatternContext, program: string, given: Value, input: Value): Soon<Value[]> {
  const each = `to_entries | map(.key as $index | .value as $item | .value | [${program}\n][0])`;
  return whenKnown(ctx.evaluate(each, given, { input }), (list) => itemsIn(ctx, list));
}

function amountIn(name: string, value: Value, { where }: PatternContext): number {
  const amount = plain(value);
  if (typeof amount === 'number' && Number.isFinite(amount) && amount > 0) return amount;
  throw new ExpressionError(`${name} gave ${JSON.stringify(amount) ?? 'a large value'}, no amount`, where);
}

export const isDone = ({ result }: Lot): boolean => result !== undefined && isUsable(result);
/** Somebody has had it, and nobody has done it; what a person refused is not given out again. */
export const isDefaulted = ({ result }: Lot): boolean =>
  result !== undefined && !isUsable(result) && !isRefused(result);
export const isUnsold = (lot: Lot): boolean => lot.result === undefined;
