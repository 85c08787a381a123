import type { MarketParams } from '../../../contracts/market.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { fromCall, isRefused, isUsable } from '../../lib/pattern-result.js';
import type { Offer } from './auction-rules.js';
import { WINNER_PATIENCE_MS } from './award-task.js';
import type { BidAnswers } from './bid-answers.js';
import { clearingPrice } from './clearing-price.js';
import type { Lot } from './lots.js';
import { type Ask, gainOf, type Match, matchOrders, mostGain, SAME } from './match-orders.js';
import { settle } from './settlement.js';

/** A bidder with what it can still take. */
interface Seller extends Ask {
  offer: Offer;
  hasDefaulted: boolean;
}

export interface LostAward {
  agentId: string;
  warning: string;
}

/** A task of the workflow has a second, and this many awards begin within a part of it. */
const MOST_AT_ONCE = 200;
const SHOWN = 100;

/**
 * The market-maker: matches lots and offers at one price, has each lot done by its seller, and settles. A seller that
 * defaults gives way to the next best with room, at the same price (with `onDefault: nextBest`).
 */
export class Trade {
  readonly lost: LostAward[] = [];
  private readonly sellers: Seller[];

  /** `offers` come cheapest first. */
  constructor(
    private readonly ctx: PatternContext,
    private readonly params: MarketParams,
    private readonly lots: readonly Lot[],
    offers: readonly Offer[],
    private readonly answers: BidAnswers,
  ) {
    const standing = offers.filter(({ validUntil }) => validUntil >= Date.now());
    this.sellers = standing.map((offer) => {
      const { price, quantity = 1 } = offer;
      return { offer, price, quantity, hasDefaulted: false };
    });
  }

  /** Resolves when it is clear what became of every lot that was matched. */
  async run(round: number): Promise<void> {
    const { lots, sellers } = this;
    const { match, isExact } = matchOrders(lots, sellers);
    const price = clearingPrice(lots, sellers, match);
    this.report(round, match, price, isExact);
    if (price === undefined) return;
    for (const [place, seller] of sellers.entries()) {
      const own = lots.filter((_, lot) => match[lot] === place);
      if (own.length > 0) this.accept(seller, price, own);
    }
    const given = lots.flatMap((lot, place) => {
      const seller = sellers[match[place] ?? -1];
      return seller === undefined ? [] : [{ lot, seller }];
    });
    this.ctx.describe(`${given.length} of ${lots.length} items traded at ${price}`);
    const waiting = given.values();
    const lane = async () => {
      for (const { lot, seller } of waiting) await this.perform(lot, seller, price);
    };
    await Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, given.length) }, lane));
  }

  private accept(seller: Seller, price: number, lots: readonly Lot[]): void {
    const units = lots.reduce((sum, { quantity }) => sum + quantity, 0);
    seller.quantity -= units;
    this.answers.accept(seller.offer, price, { items: lots.map(({ index }) => index), units });
  }

  private async perform(lot: Lot, first: Seller, price: number): Promise<void> {
    for (let seller: Seller | undefined = first; seller; seller = this.nextFor(lot, price)) {
      await this.award(lot, seller, price);
      if (!lot.result || isUsable(lot.result) || isRefused(lot.result) || this.ctx.stopped !== undefined) return;
      const { agent, agentId } = seller.offer.bidder;
      const why = lot.result.error?.message ?? 'no reason given';
      seller.hasDefaulted = true;
      this.lost.push({ agentId, warning: `items/${lot.index}: ${agent} won and defaulted: ${why}` });
      if (this.params.onDefault !== 'nextBest') return;
    }
  }

  private async award({ place, ...lot }: Lot, { offer }: Seller, price: number): Promise<void> {
    const { agentId } = offer.bidder;
    const { input: _input, fallback: _fallback, ...terms } = this.params.task;
    const task = { ...terms, agent: agentId, patienceMs: WINNER_PATIENCE_MS };
    const call = await place.callAgent({ key: agentId, task, input: lot.input, role: 'winner', round: offer.round });
    const { path, where } = place.at(agentId);
    const promised = { ...offer, price: offer.price * lot.quantity };
    this.ctx.emit(`${path}/settled`, 'market.settled', {
      path: where,
      ...settle(promised, price * lot.quantity, call),
    });
    const sold = this.lots.find(({ index }) => index === lot.index);
    if (sold) sold.result = fromCall(call, where);
  }

  private nextFor(lot: Lot, price: number): Seller | undefined {
    const next = this.sellers.find(
      (seller) =>
        !seller.hasDefaulted &&
        seller.price <= price + SAME &&
        seller.quantity + SAME >= lot.quantity &&
        seller.offer.validUntil >= Date.now(),
    );
    if (next === undefined) return undefined;
    this.ctx.decide({
      what: 'next best',
      rule: 'the price stands',
      scores: { item: lot.index, price },
      chosen: next.offer.bidder.agent,
    });
    this.accept(next, price, [lot]);
    return next;
  }

  private report(round: number, match: Match, price: number | undefined, isExact: boolean): void {
    const { lots, sellers } = this;
    const gainUsd = gainOf(lots, sellers, match);
    const trades = match.flatMap((seller, place) =>
      seller === undefined ? [] : [{ lot: lots[place] as Lot, agent: (sellers[seller] as Seller).offer.bidder.agent }],
    );
    const lossAtMostUsd = isExact ? 0 : Math.max(0, mostGain(lots, sellers) - gainUsd);
    this.ctx.decide({
      what: 'clearing',
      rule: `exchange, round ${round}: one price, ${isExact || lossAtMostUsd < SAME ? 'exactly' : 'greedily'}`,
      candidates: sellers.slice(0, SHOWN).map(({ offer }) => offer.bidder.agent),
      scores: {
        items: lots.length,
        traded: trades.length,
        units: trades.reduce((sum, { lot }) => sum + lot.quantity, 0),
        gainUsd,
        lossAtMostUsd,
        trades: trades.slice(0, SHOWN).map(({ lot, agent }) => ({ item: lot.index, agent, units: lot.quantity })),
        left: lots.flatMap(({ index }, place) => (match[place] === undefined ? [index] : [])).slice(0, SHOWN),
      },
      chosen: price ?? null,
    });
  }
}
