/** A task for sale in an exchange: `quantity` units of work that one seller does, at most `limit` dollars a unit. */
export interface Order {
  limit: number;
  quantity: number;
}

/** What a bidder sells: up to `quantity` units at `price` dollars a unit or more. */
export interface Ask {
  price: number;
  quantity: number;
}

/** Who does each order, by the place of its ask; undefined where nobody does. */
export type Match = (number | undefined)[];

/** Up to so many orders and asks are matched exactly: a task of the workflow has a second, this takes a tenth of it. */
const MOST_EXACT = 12;
/** Asks that may set the price, tried one after another in a large exchange. */
const MOST_PRICES = 32;
/** Below it, sums of prices differ by rounding alone. */
export const SAME = 1e-9;

/**
 * The match that gains most: the sum of limit less ask over all units that change hands, such that one price lies between
 * every ask and every limit among them; of equal gains the one that moves more units. Asks come cheapest first. Exact for
 * at most 12 orders and 12 asks, greedy beyond: orders are done whole, which makes the choice a knapsack problem.
 */
export function matchOrders(orders: readonly Order[], asks: readonly Ask[]): { match: Match; isExact: boolean } {
  const isExact = orders.length <= MOST_EXACT && asks.length <= MOST_EXACT;
  return { match: isExact ? matchExactly(orders, asks) : matchGreedily(orders, asks), isExact };
}

/** The gain of a match in dollars. */
export function gainOf(orders: readonly Order[], asks: readonly Ask[], match: Match): number {
  return match.reduce<number>((sum, seller, place) => {
    const order = orders[place] as Order;
    return seller === undefined ? sum : sum + (order.limit - (asks[seller] as Ask).price) * order.quantity;
  }, 0);
}

/** More than any match gains: what would be gained if orders could be done in pieces by several. */
export function mostGain(orders: readonly Order[], asks: readonly Ask[]): number {
  const wanted = orders.toSorted((one, other) => other.limit - one.limit).map((order) => ({ ...order }));
  const offered = asks.map((ask) => ({ ...ask }));
  let gain = 0;
  for (let [order, ask] = [wanted.shift(), offered.shift()]; order && ask && order.limit > ask.price;) {
    const units = Math.min(order.quantity, ask.quantity);
    gain += (order.limit - ask.price) * units;
    order.quantity -= units;
    ask.quantity -= units;
    if (order.quantity <= 0) order = wanted.shift();
    if (ask.quantity <= 0) ask = offered.shift();
  }
  return gain;
}

/**
 * Over all sets of orders: the least cost of a set with the first asks, one more of them at a time. A set may be matched
 * when none of its limits is below the last of these asks.
 */
export function matchExactly(orders: readonly Order[], asks: readonly Ask[]): Match {
  const sets = 1 << orders.length;
  const { units, worth, lowest } = sumsOf(orders, sets);
  const cost = new Float64Array(sets).fill(Number.POSITIVE_INFINITY);
  cost[0] = 0;
  const taken: Uint16Array[] = [];
  let best = { set: 0, gain: 0, last: -1 };
  for (const [last, ask] of asks.entries()) {
    const before = cost.slice();
    const parts = new Uint16Array(sets);
    for (let set = 1; set < sets; set += 1) {
      if (lowest[set]! < ask.price) continue;
      for (let part = set; part > 0; part = (part - 1) & set) {
        if (units[part]! > ask.quantity + SAME) continue;
        const total = before[set ^ part]! + ask.price * units[part]!;
        if (total < cost[set]!) [cost[set], parts[set]] = [total, part];
      }
      const gain = worth[set]! - cost[set]!;
      const isBetter = gain > best.gain + SAME || (gain > best.gain - SAME && units[set]! > units[best.set]! + SAME);
      if (isBetter) best = { set, gain, last };
    }
    taken.push(parts);
  }
  const match: Match = orders.map(() => undefined);
  for (let { set, last } = best; last >= 0; last -= 1) {
    const part = taken[last]![set]!;
    for (const place of orders.keys()) if (part & (1 << place)) match[place] = last;
    set ^= part;
  }
  return match;
}

/** Units, worth and lowest limit of every set of orders; a set is a number whose bits are the places of its orders. */
function sumsOf(orders: readonly Order[], sets: number) {
  const units = new Float64Array(sets);
  const worth = new Float64Array(sets);
  const lowest = new Float64Array(sets).fill(Number.POSITIVE_INFINITY);
  for (let set = 1; set < sets; set += 1) {
    const place = 31 - Math.clz32(set);
    const rest = set ^ (1 << place);
    const { limit, quantity } = orders[place] as Order;
    units[set] = units[rest]! + quantity;
    worth[set] = worth[rest]! + limit * quantity;
    lowest[set] = Math.min(lowest[rest]!, limit);
  }
  return { units, worth, lowest };
}

/**
 * For each ask that may set the price: orders with that limit or more, the highest first, each to the cheapest ask with
 * room; the best of these. Tries the asks up to where supply meets demand, at most 32 of them.
 */
export function matchGreedily(orders: readonly Order[], asks: readonly Ask[]): Match {
  const ranked = [...orders.keys()].sort((one, other) => {
    const [a, b] = [orders[one] as Order, orders[other] as Order];
    return b.limit - a.limit || b.quantity - a.quantity || one - other;
  });
  const crossing = crossingOf(orders, asks);
  let best: Match = orders.map(() => undefined);
  for (let last = Math.max(0, crossing - MOST_PRICES + 1); last <= crossing; last += 1) {
    const match = firstFit(orders, asks.slice(0, last + 1), ranked);
    if (gainOf(orders, asks, match) > gainOf(orders, asks, best) + SAME) best = match;
  }
  return best;
}

function firstFit(orders: readonly Order[], asks: readonly Ask[], ranked: readonly number[]): Match {
  const room = asks.map(({ quantity }) => quantity);
  const match: Match = orders.map(() => undefined);
  const floor = asks.at(-1)?.price ?? 0;
  for (const place of ranked) {
    const { limit, quantity } = orders[place] as Order;
    if (limit < floor) break;
    const seller = room.findIndex((left) => left + SAME >= quantity);
    if (seller < 0) continue;
    match[place] = seller;
    room[seller]! -= quantity;
  }
  return match;
}

/** The place of the last ask that sells anything when orders can be done in pieces; −1 when none does. */
function crossingOf(orders: readonly Order[], asks: readonly Ask[]): number {
  const demandAt = (price: number) =>
    orders.reduce((sum, { limit, quantity }) => (limit >= price ? sum + quantity : sum), 0);
  let supply = 0;
  let crossing = -1;
  for (const [place, { price, quantity }] of asks.entries()) {
    if (demandAt(price) <= supply) break;
    crossing = place;
    supply += quantity;
  }
  return crossing;
}
