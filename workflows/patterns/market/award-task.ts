import type { MarketParams } from '../../../contracts/market.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { fromCall, isRefused, isUsable, type PatternResult } from '../../lib/pattern-result.js';
import { type Offer, priceOf } from './auction-rules.js';
import type { BidAnswers } from './bid-answers.js';
import type { Part } from './parts.js';
import { settle } from './settlement.js';

export interface Awarded {
  offer: Offer;
  part: Part;
  result: PatternResult;
}

/** A winner that is gone gives way to the next best within this time. */
export const WINNER_PATIENCE_MS = 500;

/**
 * Awards each part to one of the best offers, the first part to the best of them, until all are done or no offer is left:
 * who defaults gives way to the next best (with `onDefault: nextBest`). Every award is answered and settled.
 */
export class Awards {
  readonly made: Awarded[] = [];
  private readonly waiting: Offer[];

  constructor(
    private readonly ctx: PatternContext,
    private readonly params: MarketParams,
    offers: readonly Offer[],
    private readonly reserve: number | undefined,
    private readonly answers: BidAnswers,
  ) {
    this.waiting = offers.filter(({ validUntil }) => validUntil >= Date.now());
  }

  /** Offers that stand. */
  get room(): number {
    return this.waiting.length;
  }

  /** Resolves when it is clear who has done what; the awards stand in `made`. */
  async run(parts: readonly Part[]): Promise<void> {
    const first = this.waiting.splice(0, parts.length);
    await Promise.all(first.map((offer, place) => this.lane(offer, parts[place] as Part)));
  }

  private async lane(offer: Offer, part: Part): Promise<void> {
    let next: Offer | undefined = offer;
    while (next) {
      const result = await this.award(next, part);
      if (
        isUsable(result) ||
        isRefused(result) ||
        this.params.onDefault !== 'nextBest' ||
        this.ctx.stopped !== undefined
      )
        return;
      next = this.nextValid();
    }
  }

  private async award(offer: Offer, part: Part): Promise<PatternResult> {
    const { mechanism, task } = this.params;
    const { agent, agentId } = offer.bidder;
    const priceUsd = priceOf(mechanism, offer, this.waiting[0], this.reserve) * part.share;
    this.report(offer, priceUsd, part);
    this.answers.accept(offer, priceUsd);
    // Who stands behind the task stands behind the market: the next best comes first.
    const { input: _input, fallback: _fallback, ...terms } = task;
    const key = `work/${agentId}`;
    this.ctx.describe(`awarded to ${agent} for ${priceUsd}`);
    const spec = { ...terms, agent: agentId, patienceMs: WINNER_PATIENCE_MS };
    const call = await this.ctx.callAgent({ key, task: spec, input: part.input, role: 'winner', round: offer.round });
    const place = this.ctx.at(key);
    const promised = { ...offer, price: offer.price * part.share };
    this.ctx.emit(`${place.path}/settled`, 'market.settled', {
      path: place.where,
      ...settle(promised, priceUsd, call),
    });
    const result = fromCall(call, place.where);
    this.made.push({ offer, part, result });
    return result;
  }

  /** An offer lapses while others work. */
  private nextValid(): Offer | undefined {
    let next = this.waiting.shift();
    while (next && next.validUntil < Date.now()) next = this.waiting.shift();
    return next;
  }

  private report(offer: Offer, priceUsd: number, { index, share }: Part): void {
    const { mechanism, tieBreak } = this.params;
    const order = [offer, ...this.waiting].slice(0, 100);
    this.ctx.decide({
      what: 'award',
      rule: `${mechanism}, ties by ${tieBreak}${share === 1 ? '' : `; part ${index + 1}`}`,
      candidates: order.map(({ bidder }) => bidder.agent),
      scores: {
        price: priceUsd,
        offered: offer.price,
        ...(share === 1 ? {} : { share }),
        ...(order[1] === undefined ? {} : { nextOffered: order[1].price }),
        runnersUp: order.slice(1).map(({ score }) => score),
      },
      chosen: offer.bidder.agent,
    });
  }
}
