import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clearingPrice } from './clearing-price.js';
import {
  type Ask,
  gainOf,
  type Match,
  matchExactly,
  matchGreedily,
  matchOrders,
  mostGain,
  type Order,
} from './match-orders.js';

const dollars = fc.integer({ min: 1, max: 40 }).map((quarters) => quarters / 4);
const units = fc.integer({ min: 1, max: 4 });
const cheapestFirst = (asks: Ask[]) => asks.toSorted((one, other) => one.price - other.price);
const ordersOf = (most: number) =>
  fc.array(fc.record({ limit: dollars, quantity: units }), { maxLength: most }) as fc.Arbitrary<Order[]>;
const asksOf = (most: number) =>
  (fc.array(fc.record({ price: dollars, quantity: units }), { maxLength: most }) as fc.Arbitrary<Ask[]>).map(
    cheapestFirst,
  );

/** Every match there is, one after another. */
function* everyMatch(orders: readonly Order[], asks: readonly Ask[]): Generator<Match> {
  if (orders.length === 0) return void (yield []);
  for (const rest of everyMatch(orders.slice(1), asks))
    for (const seller of [undefined, ...asks.keys()]) yield [seller, ...rest];
}

/** Whether room, limits and one price allow the match. */
function isAllowed(orders: readonly Order[], asks: readonly Ask[], match: Match): boolean {
  const traded = match.flatMap((seller, place) => (seller === undefined ? [] : [{ seller, order: orders[place]! }]));
  const fits = asks.every(
    ({ quantity }, place) =>
      traded.reduce((sum, { seller, order }) => (seller === place ? sum + order.quantity : sum), 0) <= quantity,
  );
  const low = Math.max(0, ...traded.map(({ seller }) => asks[seller]!.price));
  return fits && traded.every(({ order }) => order.limit >= low);
}

const unitsOf = (orders: readonly Order[], match: Match) =>
  match.reduce<number>((sum, seller, place) => (seller === undefined ? sum : sum + orders[place]!.quantity), 0);

/** The best matches of all, by brute force. */
function optima(orders: readonly Order[], asks: readonly Ask[]): Match[] {
  let best: Match[] = [];
  let top = [-1, -1] as [number, number];
  for (const match of everyMatch(orders, asks)) {
    if (!isAllowed(orders, asks, match)) continue;
    const rank: [number, number] = [gainOf(orders, asks, match), unitsOf(orders, match)];
    const order = rank[0] - top[0] || rank[1] - top[1];
    if (order > 0) [best, top] = [[match], rank];
    else if (order === 0) best.push(match);
  }
  return best;
}

describe('an exchange of few orders', () => {
  const few = fc.integer({ min: 2, max: 6 }).chain((most) => fc.tuple(ordersOf(most), asksOf(8 - most)));

  it('is matched and priced as brute force would', () => {
    fc.assert(
      fc.property(few, ([orders, asks]) => {
        const best = optima(orders, asks);
        const { match, isExact } = matchOrders(orders, asks);
        expect(isExact).toBe(true);
        expect(best).toContainEqual(match);
        expect(best.map((one) => clearingPrice(orders, asks, one))).toContain(clearingPrice(orders, asks, match));
      }),
      { numRuns: 200 },
    );
  });

  it('is cleared at one price that all who trade can live with', () => {
    fc.assert(
      fc.property(ordersOf(10), asksOf(10), (orders, asks) => {
        const match = matchExactly(orders, asks);
        expect(isAllowed(orders, asks, match)).toBe(true);
        const price = clearingPrice(orders, asks, match);
        for (const [place, seller] of match.entries()) {
          if (seller === undefined) continue;
          expect(price).toBeLessThanOrEqual(orders[place]!.limit);
          expect(price).toBeGreaterThanOrEqual(asks[seller]!.price);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('leaves nobody out who would gladly trade at its price, where all quantities are one', () => {
    const one = fc.constant(1);
    const orders = fc.array(fc.record({ limit: dollars, quantity: one }), { maxLength: 10 });
    const asks = fc.array(fc.record({ price: dollars, quantity: one }), { maxLength: 10 }).map(cheapestFirst);
    fc.assert(
      fc.property(orders, asks, (wanted, offered) => {
        const match = matchExactly(wanted, offered);
        const price = clearingPrice(wanted, offered, match);
        fc.pre(price !== undefined);
        for (const [place, { limit }] of wanted.entries())
          if (match[place] === undefined) expect(limit).toBeLessThanOrEqual(price!);
        for (const [place, ask] of offered.entries())
          if (!match.includes(place)) expect(ask.price).toBeGreaterThanOrEqual(price!);
        expect(gainOf(wanted, offered, match)).toBeCloseTo(mostGain(wanted, offered));
      }),
      { numRuns: 50 },
    );
  });

  it.each<
    [string, [limit: number, quantity: number][], [price: number, quantity: number][], Match, number | undefined]
  >([
    ['one each', [[10, 1], [8, 1], [6, 1], [4, 1]], [[3, 1], [5, 1], [7, 1]], [0, 1, undefined, undefined], 6.5], // prettier-ignore
    ['nothing in common', [[2, 1]], [[3, 5]], [undefined], undefined],
    ['limit and ask alike', [[3, 2]], [[3, 2]], [0], 3],
    ['a task too large for the cheap one', [[10, 3], [9, 1]], [[1, 2], [5, 3]], [1, 0], 7], // prettier-ignore
    ['several tasks of one seller', [[4, 1], [6, 2]], [[2, 3], [5, 3]], [0, 0], 3], // prettier-ignore
    ['a gain that one price forbids', [[10, 2], [3, 1]], [[1, 1], [5, 2]], [1, undefined], 7.5], // prettier-ignore
  ])('golden case: %s', (_, orders, asks, match, price) => {
    const wanted = orders.map(([limit, quantity]) => ({ limit, quantity }));
    const offered = asks.map(([ask, quantity]) => ({ price: ask, quantity }));
    expect(matchOrders(wanted, offered).match).toEqual(match);
    expect(clearingPrice(wanted, offered, match)).toBe(price);
  });
});

describe('an exchange of many orders', () => {
  it('is matched within its rules, and loses no more than its bound says', () => {
    fc.assert(
      fc.property(ordersOf(9), asksOf(9), (orders, asks) => {
        const greedy = matchGreedily(orders, asks);
        expect(isAllowed(orders, asks, greedy)).toBe(true);
        const [gain, best] = [greedy, matchExactly(orders, asks)].map((match) => gainOf(orders, asks, match));
        const lost = mostGain(orders, asks) - gain!;
        expect(gain).toBeLessThanOrEqual(best! + 1e-9);
        expect(best! - gain!).toBeLessThanOrEqual(lost + 1e-9);
      }),
      { numRuns: 100 },
    );
  });

  it('is matched exactly by the greedy way where all quantities are one', () => {
    const orders = Array.from({ length: 300 }, (_, place) => ({ limit: 1 + ((place * 37) % 300) / 10, quantity: 1 }));
    const asks = Array.from({ length: 300 }, (_, place) => ({ price: 2 + place / 10, quantity: 1 }));
    const { match, isExact } = matchOrders(orders, asks);
    expect(isExact).toBe(false);
    expect(mostGain(orders, asks) - gainOf(orders, asks, match)).toBeCloseTo(0);
  });
});
