import { sleep } from '@temporalio/workflow';
import type { MarketParams } from '../../contracts/market.js';
import type { CandidateAgent, Value } from '../../contracts/run-workflow.js';
import { holds } from '../lib/truth.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { canceled, completed, failed, isRefused, isUsable, type PatternResult } from '../lib/pattern-result.js';
import { inline, NULL } from '../lib/values.js';
import { type Offer, rankOffers } from './market/auction-rules.js';
import { type Awarded, Awards } from './market/award-task.js';
import { BidAnswers } from './market/bid-answers.js';
import { type AuctionEnd, runAuction } from './market/run-auction.js';

/** Agents that are being restarted are back within this time. */
const LONGEST_WAIT_FOR_BIDDERS_MS = 20_000;
const LOOK_EVERY_MS = 250;
const RESERVE_FACTOR = 1.5;

/**
 * The agents of a capability bid for a task; the best offers win, do it, and are held to what they promised. Losers stay
 * bound until the task is done, so that a winner that defaults gives way at once; then each is told.
 */
export async function market(outer: PatternContext, params: MarketParams, given: Value): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const input = await ctx.input(params.input, given, { input: given });
  const house = new Market(ctx, params, await ctx.input(params.task.input, input, { input }));
  const result = await house.run();
  await house.answers.delivered();
  return result;
}

class Market {
  readonly answers: BidAnswers;
  private readonly made: Awarded[] = [];
  private readonly bidders = new Map<string, Offer>();
  private readonly warnings: string[] = [];
  private reserve: number | undefined;
  private rounds = 0;
  private filtered = true;

  constructor(
    private readonly ctx: PatternContext,
    private readonly params: MarketParams,
    private readonly task: Value,
  ) {
    this.answers = new BidAnswers(ctx, params.task);
    this.reserve = params.reserve;
  }

  async run(): Promise<PatternResult> {
    const { award, maxRounds, onDefault } = this.params;
    let missing: PatternResult | undefined;
    const auctions = onDefault === 'reauction' ? maxRounds : 1;
    for (let auction = 1; auction <= auctions && this.ctx.stopped === undefined; auction += 1) {
      const sold = await this.sell();
      if (!Array.isArray(sold)) {
        missing = sold;
        break;
      }
      const awards = new Awards(this.ctx, this.params, sold, this.reserve, this.answers);
      await awards.run(this.task, award.count - this.done().length);
      this.made.push(...awards.made);
      if (this.done().length === award.count || awards.made.some(({ result }) => isRefused(result))) break;
    }
    this.answers.reject(this.bidders.values());
    return { ...this.end(missing), rounds: this.rounds, warnings: this.warnings };
  }

  /** Offers that can be awarded, best first; the market's end when there are too few. */
  private async sell(): Promise<Offer[] | PatternResult> {
    const { minBids, onNoBids, maxRounds } = this.params;
    for (let attempt = 1; ; attempt += 1) {
      const bidders = await this.findBidders();
      if (this.ctx.stopped !== undefined) return canceled(NULL);
      const auction = { bidders, task: this.task, reserve: this.reserve, roundsBefore: this.rounds };
      const end = await runAuction(this.ctx, this.params, auction);
      this.rounds += end.rounds;
      for (const offer of end.offers) this.bidders.set(offer.bidder.agentId, offer);
      if (this.ctx.stopped !== undefined) return canceled(NULL);
      if (end.offers.length >= minBids) return end.offers;
      const again = onNoBids !== 'fail' && attempt <= (onNoBids === 'widen' ? 1 : maxRounds);
      if (!again) return this.noSale(bidders.length, end);
      this.change(onNoBids);
    }
  }

  private change(how: 'raiseReserve' | 'widen'): void {
    if (how === 'widen') this.filtered = false;
    else if (this.reserve !== undefined) this.reserve *= RESERVE_FACTOR;
    this.ctx.decide({ what: 'too few bids', rule: how, chosen: how === 'widen' ? null : (this.reserve ?? null) });
  }

  /** Those who defaulted are not asked again. */
  private async findBidders(): Promise<CandidateAgent[]> {
    const { capability, labels, version } = this.params.task;
    const patienceMs = Math.min(this.params.bidDeadlineMs, LONGEST_WAIT_FOR_BIDDERS_MS);
    const giveUpAt = Date.now() + patienceMs;
    const out = new Set(this.made.map(({ offer }) => offer.bidder.agentId));
    for (;;) {
      const all = await this.ctx.candidates({ capability, labels, version });
      const left = all.filter(({ agentId }) => !out.has(agentId));
      if (all.length > 0) return this.filtered ? this.eligible(left) : left;
      if (this.ctx.stopped !== undefined || Date.now() >= giveUpAt) return [];
      await sleep(LOOK_EVERY_MS);
    }
  }

  private async eligible(bidders: CandidateAgent[]): Promise<CandidateAgent[]> {
    const { eligible } = this.params;
    if (eligible === undefined) return bidders;
    const may = await Promise.all(
      bidders.map(async (bidder) => holds(await this.ctx.evaluate(eligible, inline({ ...bidder }), {}))),
    );
    this.ctx.decide({
      what: 'eligible',
      rule: eligible,
      candidates: bidders.slice(0, 100).map(({ agent }) => agent),
      chosen: bidders
        .filter((_, position) => may[position])
        .slice(0, 100)
        .map(({ agent }) => agent),
    });
    return bidders.filter((_, position) => may[position]);
  }

  private noSale(asked: number, { offers, counts }: AuctionEnd): PatternResult {
    const { minBids, task } = this.params;
    const path = this.ctx.where;
    if (asked === 0) {
      const message = `There is nobody to ask for a bid on ${task.capability}`;
      return failed('no_candidate', NULL, { code: 'agent.unavailable', message, path });
    }
    const others = Object.entries(counts).flatMap(([status, count]) =>
      status === 'offer' ? [] : `${count} ${status.replace('_', ' ')}`,
    );
    const rest = others.length === 0 ? '' : ` (${others.join(', ')})`;
    const message = `${offers.length} of ${asked} agents made an offer${rest}; ${minBids} needed`;
    return failed('no_bids', NULL, { code: 'agent.unavailable', message, path });
  }

  private done(): Awarded[] {
    return this.made.filter(({ result }) => isUsable(result));
  }

  private end(missing: PatternResult | undefined): PatternResult {
    const { count } = this.params.award;
    const order = rankOffers(
      this.made.map(({ offer }) => offer),
      this.params,
    );
    const done = this.done().sort((one, other) => order.indexOf(one.offer) - order.indexOf(other.offer));
    for (const { offer, result } of this.made) {
      if (result.status === 'failed')
        this.warnings.push(`${offer.bidder.agent} won and defaulted: ${result.error?.message ?? 'no reason given'}`);
    }
    const outputs = done.map(({ result }) => result.output);
    const output: Value = count > 1 ? { list: outputs } : (outputs[0] ?? NULL);
    if (this.ctx.stopped !== undefined && done.length < count) return canceled(output);
    if (done.length === 0) return this.made.at(-1)?.result ?? missing ?? failed('no_bids', NULL);
    const result = { ...completed(output), confidence: done.length === 1 ? done[0]?.result.confidence : undefined };
    if (done.length === count) return result;
    this.warnings.push(`${done.length} of ${count} awards were fulfilled`);
    return { ...result, status: 'partial', terminationReason: 'agent_failed' };
  }
}
