import type { MarketParams } from '../../contracts/market.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import type { PatternResult } from '../lib/pattern-result.js';
import { Auction } from './market/auction.js';
import { Exchange } from './market/exchange.js';
import { Negotiation } from './market/solve.js';

/**
 * The agents of a capability bid for a task; the best offers win, do it, and are held to what they promised. Losers stay
 * bound until the task is done, so that a winner that defaults gives way at once; then each is told.
 */
export async function market(outer: PatternContext, params: MarketParams, given: Value): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const input = await ctx.input(params.input, given, { input: given });
  if (params.mechanism === 'exchange') return new Exchange(ctx, params, input).run();
  if (params.mechanism === 'solve') return new Negotiation(ctx, params, input).run();
  const task = await ctx.input(params.task.input, input, { input });
  return new Auction(ctx, params, task).run();
}
