import type { MarketParams } from '../../../contracts/market.js';
import type { CandidateAgent } from '../../../contracts/run-workflow.js';
import type { Value } from '../../../contracts/values.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { canceled, completed, failed, isRefused, isUsable, type PatternResult } from '../../lib/pattern-result.js';
import { NULL } from '../../lib/values.js';
import { type Offer, rankOffers } from './auction-rules.js';
import { type Awarded, Awards } from './award-task.js';
import { noSale } from './no-sale.js';
import { type Part, partsOf } from './parts.js';
import { runAuction } from './run-auction.js';
import { Sale } from './sale.js';
import { standIn } from './stand-in.js';

const RESERVE_FACTOR = 1.5;

/** One task is sold, whole or in parts; once more without those who defaulted, where the parameters say so. */
export class Auction extends Sale {
  private parts: Part[] = [];
  private readonly made: Awarded[] = [];
  private readonly standIns: Omit<Awarded, 'offer'>[] = [];
  private reserve: number | undefined;

  constructor(
    ctx: PatternContext,
    params: MarketParams,
    private readonly task: Value,
  ) {
    super(ctx, params);
    this.reserve = params.reserve;
  }

  /** Auctions until everything is done; the reason when there are too few bids for one. */
  protected async sell(): Promise<PatternResult | undefined> {
    const { award, maxRounds, onDefault } = this.params;
    const auctions = onDefault === 'reauction' ? maxRounds : 1;
    for (let auction = 1; auction <= auctions && this.ctx.stopped === undefined; auction += 1) {
      const sold = await this.offers();
      if (!Array.isArray(sold)) return sold;
      const awards = new Awards(this.ctx, this.params, sold, this.reserve, this.answers);
      if (auction === 1) this.parts = await partsOf(this.ctx, award, this.task, awards.room);
      await awards.run(this.open());
      this.made.push(...awards.made);
      if (this.open().length === 0 || awards.made.some(({ result }) => isRefused(result))) break;
    }
    return undefined;
  }

  /** Offers that can be awarded, best first; the market's end when there are too few. */
  private async offers(): Promise<Offer[] | PatternResult> {
    const { minBids, onNoBids, maxRounds } = this.params;
    for (let attempt = 1; ; attempt += 1) {
      const out = new Set(this.made.map(({ offer }) => offer.bidder.agentId));
      const bidders = await this.findBidders(out);
      if (this.ctx.stopped !== undefined) return canceled(NULL);
      const end = await runAuction(this.ctx, this.params, this.callFor(bidders));
      this.rounds += end.rounds;
      this.keep(end.offers);
      if (this.ctx.stopped !== undefined) return canceled(NULL);
      if (end.offers.length >= minBids) return end.offers;
      const isLast = attempt > (onNoBids === 'widen' ? 1 : maxRounds);
      if (isLast || onNoBids === 'fail' || onNoBids === 'fallback')
        return noSale(this.ctx, this.params, bidders.length, end);
      this.change(onNoBids);
    }
  }

  private callFor(bidders: CandidateAgent[]) {
    return { bidders, task: this.task, reserve: this.reserve, roundsBefore: this.rounds };
  }

  private change(how: 'raiseReserve' | 'widen'): void {
    if (how === 'widen') this.isWidened = true;
    else if (this.reserve !== undefined) this.reserve *= RESERVE_FACTOR;
    this.ctx.decide({ what: 'too few bids', rule: how, chosen: how === 'widen' ? null : (this.reserve ?? null) });
  }

  protected async standIn(missing: PatternResult | undefined): Promise<void> {
    const { task, onNoBids, award } = this.params;
    const failure = this.made.findLast(({ result }) => !isUsable(result))?.result ?? missing;
    const isMeant = failure !== undefined && (failure !== missing || onNoBids === 'fallback');
    if (task.fallback === undefined || !isMeant || isRefused(failure) || this.ctx.stopped !== undefined) return;
    if (this.parts.length === 0) this.parts = await partsOf(this.ctx, award, this.task, award.count);
    if (failure === missing) this.warnings.push(failure.error?.message ?? failure.terminationReason);
    const done = await Promise.all(
      this.open().map(async (part) => ({ part, result: await standIn(this.ctx, task, part, failure) })),
    );
    this.standIns.push(...done);
  }

  /** Best offers first, then those who stood in. */
  private done(): Omit<Awarded, 'offer'>[] {
    const order = rankOffers(
      this.made.map(({ offer }) => offer),
      this.params,
    );
    const byOffer = this.made.toSorted((one, other) => order.indexOf(one.offer) - order.indexOf(other.offer));
    return [...byOffer, ...this.standIns].filter(({ result }) => isUsable(result));
  }

  /** Parts that nobody has done yet. */
  private open(): Part[] {
    const done = new Set(this.done().map(({ part }) => part));
    return this.parts.filter((part) => !done.has(part));
  }

  protected end(missing: PatternResult | undefined): PatternResult {
    const { count, split } = this.params.award;
    const done = this.done();
    for (const { offer, result } of this.made) {
      if (result.status === 'failed')
        this.warnings.push(`${offer.bidder.agent} won and defaulted: ${result.error?.message ?? 'no reason given'}`);
    }
    const wanted = split === undefined ? count : this.parts.length;
    const ofPart = (part: Part) => done.find((one) => one.part === part)?.result.output ?? NULL;
    const outputs = split === undefined ? done.map(({ result }) => result.output) : this.parts.map(ofPart);
    const output: Value = count > 1 ? { list: outputs } : (outputs[0] ?? NULL);
    if (this.ctx.stopped !== undefined && done.length < wanted) return canceled(output);
    if (done.length === 0)
      return this.standIns.at(-1)?.result ?? this.made.at(-1)?.result ?? missing ?? failed('no_bids', NULL);
    const confidence = done.length === 1 ? done[0]?.result.confidence : undefined;
    const result = { ...completed(output), confidence, degraded: done.some(({ result: { degraded } }) => degraded) };
    if (done.length === wanted) return result;
    this.warnings.push(`${done.length} of ${wanted} awards were fulfilled`);
    return { ...result, status: 'partial', terminationReason: 'agent_failed' };
  }
}
