import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../../contracts/json.js';
import { marketParamsSchema } from '../../../contracts/market.js';
import type { CallResult } from '../../../contracts/run-workflow.js';
import { clockPrice, improves, type Offer, priceOf, rankOffers } from './auction-rules.js';
import { readBid } from './read-bid.js';
import { settle } from './settlement.js';

const offerOf = (name: string, price: number, change: Partial<Offer> = {}): Offer => ({
  bidder: {
    agentId: name,
    agent: name,
    version: '1.0.0',
    labels: {},
    successRate: null,
    latencyMs: null,
    costUsd: null,
    reputation: null,
  },
  round: 1,
  price,
  etaMs: 100,
  score: price,
  answerMs: 10,
  validUntil: Number.MAX_SAFE_INTEGER,
  lot: 0,
  ...change,
});
const amount = fc.integer({ min: 0, max: 40 }).map((quarters) => quarters / 4);

/** What the first bidder gains when it bids `own` at a cost of `cost`: the price it is paid less its cost, if it wins. */
function gain(own: number, cost: number, others: number[], count: number, reserve: number | undefined): number {
  const prices = [own, ...others].map((price, place) => offerOf(`b${place}`, price));
  const admitted = prices.filter(({ price }) => reserve === undefined || price <= reserve);
  const ranked = rankOffers(admitted, { tieBreak: 'earliest' });
  const won = ranked.slice(0, count).find(({ bidder }) => bidder.agentId === 'b0');
  return won === undefined ? 0 : priceOf('vickrey', won, ranked[count], reserve) - cost;
}

describe('a Vickrey auction', () => {
  it('rewards no bidder for another price than its cost, for one award or several', () => {
    fc.assert(
      fc.property(
        amount,
        amount,
        fc.array(amount, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 3 }),
        amount,
        (cost, lie, others, count, reserve) => {
          const truthful = gain(cost, cost, others, count, reserve);
          expect(truthful).toBeGreaterThanOrEqual(0);
          expect(gain(lie, cost, others, count, reserve)).toBeLessThanOrEqual(truthful);
        },
      ),
    );
  });

  it('needs no reserve for that where at least one offer loses', () => {
    fc.assert(
      fc.property(amount, amount, fc.array(amount, { minLength: 1, maxLength: 6 }), (cost, lie, others) => {
        const truthful = gain(cost, cost, others, 1, undefined);
        expect(gain(lie, cost, others, 1, undefined)).toBeLessThanOrEqual(truthful);
      }),
    );
  });

  it('never pays less than was offered nor more than the reserve', () => {
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1 }), amount, (prices, reserve) => {
        const ranked = rankOffers(
          prices.filter((price) => price <= reserve).map((price, place) => offerOf(`b${place}`, price)),
          { tieBreak: 'earliest' },
        );
        fc.pre(ranked.length > 0);
        const paid = priceOf('vickrey', ranked[0]!, ranked[1], reserve);
        expect(paid).toBeGreaterThanOrEqual(ranked[0]!.price);
        expect(paid).toBeLessThanOrEqual(reserve);
      }),
    );
  });
});

describe('a tie', () => {
  it('goes by reputation to the better one, then to the more reliable one while nobody has rated it', () => {
    const rated = (name: string, reputation: number | null, successRate: number | null) =>
      offerOf(name, 1, { bidder: { ...offerOf(name, 1).bidder, reputation, successRate } });
    const offers = [
      rated('new', null, null),
      rated('poor', 0.2, 1),
      rated('good', 0.9, 0.5),
      rated('steady', null, 0.6),
    ];
    const order = rankOffers(offers, { tieBreak: 'reputation' }).map(({ bidder }) => bidder.agent);
    expect(order).toEqual(['good', 'steady', 'poor', 'new']);
  });
});

describe('English bidding', () => {
  it('ends, however small the costs of the bidders are', () => {
    const share = fc.double({ min: 0.01, max: 0.5, noNaN: true });
    const start = fc.double({ min: 1, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(share, start, (minImprovement, opening) => {
        let best = opening;
        let rounds = 0;
        for (;;) {
          const next = best * (1 - minImprovement) - 1e-9;
          if (next < 0.001 || !improves(best, next, minImprovement)) break;
          best = next;
          rounds += 1;
        }
        expect(rounds).toBeLessThanOrEqual(Math.ceil(Math.log(opening / 0.001) / -Math.log(1 - minImprovement)));
      }),
    );
  });

  it('takes an equal price for no improvement, also with minImprovement 0', () => {
    expect([improves(5, 5, 0), improves(5, 4.99, 0), improves(100, 99, 0.01), improves(100, 99.5, 0.01)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(improves(0, 0, 0.01)).toBe(false);
  });
});

describe('the Dutch clock', () => {
  it('rises with every step and ends at the reserve exactly', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0.01, max: 1e6, noNaN: true }),
        (steps, reserve) => {
          const prices = Array.from({ length: steps }, (_, step) => clockPrice(step + 1, steps, reserve));
          expect(prices.at(-1)).toBe(reserve);
          expect(prices.every((price, step) => price > (prices[step - 1] ?? 0))).toBe(true);
        },
      ),
    );
  });
});

describe('the ranking of offers', () => {
  const offers = fc.uniqueArray(fc.tuple(fc.string(), amount, amount, amount), { selector: ([name]) => name });

  it('is the same whatever order the bids came in', () => {
    fc.assert(
      fc.property(offers, fc.constantFrom('earliest', 'reputation', 'seeded'), (list, tieBreak) => {
        const all = list.map(([name, price, answerMs, lot]) => offerOf(name, price, { answerMs, lot }));
        expect(rankOffers(all.toReversed(), { tieBreak })).toEqual(rankOffers(all, { tieBreak }));
      }),
    );
  });

  it('breaks ties by the answer that came first, by reputation, or by lot', () => {
    const tied = [
      offerOf('a', 1, { answerMs: 3, lot: 0.5 }),
      offerOf('b', 1, { answerMs: 1, lot: 0.9 }),
      offerOf('c', 1, { answerMs: 2, lot: 0.1 }),
    ];
    tied[0]!.bidder.successRate = 0.9;
    const first = (tieBreak: 'earliest' | 'reputation' | 'seeded') => rankOffers(tied, { tieBreak })[0]?.bidder.agent;
    expect([first('earliest'), first('reputation'), first('seeded')]).toEqual(['b', 'a', 'c']);
  });
});

describe('an answer to a call for proposals', () => {
  it('is an offer with amounts, a refusal, or malformed; never an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (whole, price, etaMs) => {
        for (const output of [whole, { bid: { price, etaMs } }, { bid: whole }] as Json[]) {
          const answer = readBid(output);
          if (!('bid' in answer)) continue;
          expect(Number.isFinite(answer.bid.price) && answer.bid.price >= 0).toBe(true);
          expect(Number.isFinite(answer.bid.etaMs) && answer.bid.etaMs >= 0).toBe(true);
        }
      }),
    );
  });

  it.each<[string, Json | undefined, object]>([
    [
      'a whole offer',
      { bid: { price: 1, etaMs: 2, confidence: 0.5, conditions: ['x'], validForMs: 9, more: 1 } },
      {
        bid: { price: 1, etaMs: 2, confidence: 0.5, conditions: ['x'], validForMs: 9 },
      },
    ],
    ['a refusal', { refuse: { reason: 'busy' } }, { refused: 'busy' }],
    ['a refusal without a reason', { refuse: {} }, { refused: 'no reason given' }],
    ['a stored value', undefined, { malformed: expect.any(String) }],
    ['a text', 'bid', { malformed: expect.any(String) }],
    ['nothing of the kind', {}, { malformed: expect.any(String) }],
    ['a negative price', { bid: { price: -1, etaMs: 1 } }, { malformed: 'bid.price is no amount' }],
    ['no time', { bid: { price: 1 } }, { malformed: 'bid.etaMs is no duration' }],
    ['a confidence of 2', { bid: { price: 1, etaMs: 1, confidence: 2 } }, { malformed: expect.any(String) }],
    ['no units', { bid: { price: 1, etaMs: 1, quantity: 0 } }, { malformed: 'bid.quantity is no number of units' }],
    [
      'units of an exchange',
      { bid: { price: 1, etaMs: 1, quantity: 3 } },
      { bid: { price: 1, etaMs: 1, quantity: 3 } },
    ],
    ['an offer of no duration', { bid: { price: 1, etaMs: 1, validForMs: 0 } }, { malformed: expect.any(String) }],
  ])('%s', (_, output, expected) => {
    expect(readBid(output)).toEqual(expected);
  });
});

describe('a settlement', () => {
  const callOf = (change: Partial<CallResult>): CallResult => ({
    key: 'work/a',
    status: 'completed',
    queueMs: 0,
    execMs: 0,
    ...change,
  });

  it('is real minus promised in cost, time and confidence', () => {
    fc.assert(
      fc.property(amount, amount, amount, amount, (price, paid, costUsd, execMs) => {
        const settled = settle(
          offerOf('a', price, { confidence: 0.5 }),
          paid,
          callOf({ costUsd, execMs, confidence: 1 }),
        );
        expect(settled.deviation).toEqual({ costUsd: costUsd - paid, timeMs: execMs - 100, confidence: 0.5 });
        expect([settled.promised.priceUsd, settled.priceUsd]).toEqual([price, paid]);
      }),
    );
  });

  it.each([
    ['kept', { queueMs: 40, execMs: 60 }],
    ['late', { queueMs: 41, execMs: 60 }],
    ['defaulted', { status: 'failed' as const }],
    ['canceled', { status: 'canceled' as const }],
    ['canceled', { status: 'failed' as const, error: { code: 'agent.budget', message: 'used up', retryable: false } }],
  ])('says %s', (outcome, change) => {
    const settled = settle(offerOf('a', 1), 1, callOf(change));
    expect(settled).toMatchObject({ outcome, deviation: { costUsd: null, confidence: null } });
  });
});

describe('the parameters of a market', () => {
  const task = { capability: 'sort' };

  it('have the defaults of the contract', () => {
    expect(marketParamsSchema.parse({ task })).toEqual({
      task,
      mechanism: 'contract-net',
      bidDeadlineMs: 5_000,
      minBids: 1,
      maxRounds: 3,
      minImprovement: 0.01,
      award: { count: 1 },
      sealed: true,
      tieBreak: 'earliest',
      onNoBids: 'fail',
      onDefault: 'nextBest',
    });
  });

  it.each<[string, object, string]>([
    ['no capability', { task: { agent: 'a' } }, 'task.capability'],
    ['a score where the price decides', { task, mechanism: 'vickrey', score: '.price' }, 'score'],
    ['several winners of an English auction', { task, mechanism: 'english', award: { count: 2 } }, 'award.count'],
    ['a Dutch auction without a reserve', { task, mechanism: 'dutch' }, 'reserve'],
    ['a Dutch auction that waits for two', { task, mechanism: 'dutch', reserve: 1, minBids: 2 }, 'minBids'],
    ['a reserve to raise that is not there', { task, onNoBids: 'raiseReserve' }, 'onNoBids'],
    ['an exchange of nothing', { task, mechanism: 'exchange', reserve: 1 }, 'items'],
    ['an exchange without limits', { task, mechanism: 'exchange', items: [1] }, 'limit'],
    ['items of an auction', { task, items: [1] }, 'items'],
    ['several winners of an item', { task, mechanism: 'exchange', items: [1], award: { count: 2 } }, 'award.count'],
    ['answers that nobody compiles', { task, mechanism: 'solve' }, 'aggregate'],
    ['an aggregator of an auction', { task, aggregate: { agent: 'a' } }, 'aggregate'],
    ['a reserve where nothing is sold', { task, mechanism: 'solve', aggregate: { agent: 'a' }, reserve: 1 }, 'reserve'],
    ['one winner of several parts', { task, award: { split: '[.]' } }, 'award.split'],
    ['a fallback for missing bids that is not there', { task, onNoBids: 'fallback' }, 'onNoBids'],
    ['a fallback for a default that is not there', { task, onDefault: 'fallback' }, 'onDefault'],
    ['a mechanism that does not exist', { task, mechanism: 'barter' }, 'mechanism'],
  ])('refuse %s', (_, params, path) => {
    const { error } = marketParamsSchema.safeParse(params);
    expect(error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});
