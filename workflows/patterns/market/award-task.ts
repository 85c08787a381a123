import type { MarketParams } from '../../../contracts/market.js';
import type { Value } from '../../../contracts/run-workflow.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { fromCall, isRefused, isUsable, type PatternResult } from '../../lib/pattern-result.js';
import { type Offer, priceOf } from './auction-rules.js';
import type { BidAnswers } from './bid-answers.js';
import { settle } from './settlement.js';

export interface Awarded {
  offer: Offer;
  result: PatternResult;
}

/** A winner that is gone gives way to the next best within this time. */
const WINNER_PATIENCE_MS = 500;

/**
 * Awards the task to the best offers, `award.count` at a time, until as many have done it or no offer is left: who
 * defaults gives way to the next best (with `onDefault: nextBest`). Every award is answered and settled.
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

  /** Resolves when it is clear who has done the task; the awards stand in `made` in the order of their offers. */
  async run(input: Value, count: number): Promise<void> {
    const first = this.waiting.splice(0, count);
    await Promise.all(first.map((offer) => this.lane(offer, input)));
  }

  private async lane(offer: Offer, input: Value): Promise<void> {
    let next: Offer | undefined = offer;
    while (next) {
      const result = await this.award(next, input);
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

  private async award(offer: Offer, input: Value): Promise<PatternResult> {
    const { mechanism, task } = this.params;
    const { agent, agentId } = offer.bidder;
    const priceUsd = priceOf(mechanism, offer, this.waiting[0], this.reserve);
    this.report(offer, priceUsd);
    this.answers.accept(offer, priceUsd);
    const { input: _input, ...terms } = task;
    const key = `work/${agentId}`;
    this.ctx.describe(`awarded to ${agent} for ${priceUsd}`);
    const spec = { ...terms, agent: agentId, patienceMs: WINNER_PATIENCE_MS };
    const call = await this.ctx.callAgent({ key, task: spec, input, role: 'winner', round: offer.round });
    const place = this.ctx.at(key);
    this.ctx.emit(`${place.path}/settled`, 'market.settled', { path: place.where, ...settle(offer, priceUsd, call) });
    const result = fromCall(call, place.where);
    this.made.push({ offer, result });
    return result;
  }

  /** An offer lapses while others work. */
  private nextValid(): Offer | undefined {
    let next = this.waiting.shift();
    while (next && next.validUntil < Date.now()) next = this.waiting.shift();
    return next;
  }

  private report(offer: Offer, priceUsd: number): void {
    const { mechanism, tieBreak } = this.params;
    const order = [offer, ...this.waiting].slice(0, 100);
    this.ctx.decide({
      what: 'award',
      rule: `${mechanism}, ties by ${tieBreak}`,
      candidates: order.map(({ bidder }) => bidder.agent),
      scores: { price: priceUsd, offered: offer.price, runnersUp: order.slice(1).map(({ score }) => score) },
      chosen: offer.bidder.agent,
    });
  }
}
