import type { Ask, Match, Order } from './match-orders.js';
import { SAME } from './match-orders.js';

/**
 * The price of a unit for all that is matched: in the middle between the highest ask and the lowest limit among them, or,
 * narrower, such that nobody who is left out would gladly trade at it, where there is such a price (a double auction with
 * k = 1/2; R. Wilson, "Incentive Efficiency of Double Auctions", 1985). Undefined when nothing is matched.
 */
export function clearingPrice(orders: readonly Order[], asks: readonly Ask[], match: Match): number | undefined {
  const sold = asks.map(() => 0);
  for (const [place, seller] of match.entries())
    if (seller !== undefined) sold[seller]! += (orders[place] as Order).quantity;
  const matched = orders.filter((_, place) => match[place] !== undefined);
  if (matched.length === 0) return undefined;
  const low = Math.max(...asks.filter((_, place) => sold[place]! > 0).map(({ price }) => price));
  const high = Math.min(...matched.map(({ limit }) => limit));
  const left = orders.filter(({ limit }, place) => match[place] === undefined && limit <= high);
  const idle = asks.filter(({ price, quantity }, place) => quantity > sold[place]! + SAME && price >= low);
  const floor = Math.max(low, ...left.map(({ limit }) => limit));
  const ceiling = Math.min(high, ...idle.map(({ price }) => price));
  return floor <= ceiling ? (floor + ceiling) / 2 : (low + high) / 2;
}
