import type { MarketParams } from '../../../contracts/market.js';
import type { Json } from '../../../contracts/json.js';
import type { Value } from '../../../contracts/values.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { canceled, completed, failed, type PatternResult } from '../../lib/pattern-result.js';
import { inline, NULL } from '../../lib/values.js';
import { askForBids, countReplies } from './ask-for-bids.js';
import { type Offer, rankOffers } from './auction-rules.js';
import { isDefaulted, isDone, isUnsold, type Lot, lotsOf } from './lots.js';
import { noSale } from './no-sale.js';
import { reportBids } from './report-bids.js';
import { Sale } from './sale.js';
import { standIn } from './stand-in.js';
import { Trade } from './trade-lots.js';

const LIMIT_FACTOR = 1.5;

/**
 * Many items and many bidders: the bidders offer units of work, a market-maker matches items and offers at one price, and
 * the winners do them. What is left over goes into a further round, where the parameters say so.
 */
export class Exchange extends Sale {
  private lots: Lot[] = [];
  /** Agents that defaulted: they are not asked again. */
  private readonly out = new Set<string>();

  constructor(
    ctx: PatternContext,
    params: MarketParams,
    private readonly input: Value,
  ) {
    super(ctx, params);
  }

  /** Rounds until everything is done or nothing changes; the reason when the last one had too few bids. */
  protected async sell(): Promise<PatternResult | undefined> {
    const { onDefault, maxRounds } = this.params;
    this.lots = await lotsOf(this.ctx, this.params, this.input);
    const isForSale = (lot: Lot) => isUnsold(lot) || (onDefault === 'reauction' && isDefaulted(lot));
    let missing: PatternResult | undefined;
    for (let lots = this.lots; lots.length > 0 && this.rounds < maxRounds; lots = this.lots.filter(isForSale)) {
      const offers = await this.askFor(lots);
      missing = Array.isArray(offers) ? undefined : offers;
      if (this.ctx.stopped !== undefined) break;
      if (Array.isArray(offers)) await this.clear(lots, offers);
      if (this.ctx.stopped !== undefined || !this.goesOn()) break;
    }
    return missing;
  }

  private async askFor(lots: readonly Lot[]): Promise<Offer[] | PatternResult> {
    const { ctx, params } = this;
    const bidders = await this.findBidders(this.out);
    if (ctx.stopped !== undefined) return canceled(NULL);
    this.rounds += 1;
    const highest = Math.max(...lots.map(({ limit }) => limit));
    ctx.describe(`exchange, round ${this.rounds}: ${bidders.length} asked for bids on ${lots.length} items`);
    const message = await this.messageFor(lots);
    const call = { round: this.rounds, message, admits: (price: number) => price <= highest };
    const replies = await askForBids(ctx, params, bidders, call, false);
    const counts = countReplies(replies);
    const offers = replies.flatMap((reply) => (reply.status === 'offer' ? [reply.offer] : []));
    const ranked = rankOffers(offers, params);
    reportBids(ctx, params, this.rounds, replies, ranked[0]);
    this.keep(offers);
    return offers.length >= params.minBids ? ranked : noSale(ctx, params, bidders.length, { offers, counts });
  }

  /** Limits are the buyers' own affair in a sealed exchange: who knew them could ask for as much. */
  private async messageFor(lots: readonly Lot[]): Promise<Value> {
    const tasks = lots.map(({ index, quantity, limit, input }): Value => {
      const known: Json = { item: index, quantity, ...(this.params.sealed ? {} : { limit }) };
      const parts = Object.entries(known).map(([name, value]) => [name, inline(value)] as const);
      return { object: { ...Object.fromEntries(parts), task: input } };
    });
    // A long list is stored once, and travels to each bidder as a reference.
    const list = await this.ctx.transform('.', { list: tasks });
    return { object: { mechanism: inline('exchange'), round: inline(this.rounds), tasks: list } };
  }

  private async clear(lots: readonly Lot[], offers: readonly Offer[]): Promise<void> {
    const trade = new Trade(this.ctx, this.params, lots, offers, this.answers);
    await trade.run(this.rounds);
    for (const { agentId, warning } of trade.lost) {
      this.out.add(agentId);
      this.warnings.push(warning);
    }
  }

  /** Whether a further round may do what this one did not. */
  private goesOn(): boolean {
    const { onNoBids, onDefault, maxRounds } = this.params;
    const unsold = this.lots.filter(isUnsold);
    const isAgain = onDefault === 'reauction' && this.lots.some(isDefaulted);
    if (unsold.length === 0 || this.rounds >= maxRounds) return isAgain;
    if (onNoBids === 'raiseReserve') for (const lot of unsold) lot.limit *= LIMIT_FACTOR;
    else if (onNoBids === 'widen' && !this.isWidened) this.isWidened = true;
    else return isAgain;
    this.ctx.decide({ what: 'left over', rule: onNoBids, chosen: unsold.slice(0, 100).map(({ index }) => index) });
    return true;
  }

  protected async standIn(missing: PatternResult | undefined): Promise<void> {
    const { task, onNoBids } = this.params;
    if (task.fallback === undefined || this.ctx.stopped !== undefined) return;
    const left = this.lots.filter((lot) => isDefaulted(lot) || (onNoBids === 'fallback' && isUnsold(lot)));
    if (missing && left.length > 0) this.warnings.push(missing.error?.message ?? missing.terminationReason);
    await Promise.all(
      left.map(async (lot) => {
        lot.result = await standIn(lot.place, task, lot, lot.result ?? missing ?? this.unsold());
      }),
    );
  }

  protected end(missing: PatternResult | undefined): PatternResult {
    const { lots } = this;
    const done = lots.filter(isDone);
    const output: Value = { list: lots.map((lot) => (isDone(lot) ? (lot.result?.output ?? NULL) : NULL)) };
    if (done.length === lots.length)
      return { ...completed(output), degraded: lots.some(({ result }) => result?.degraded) };
    if (this.ctx.stopped !== undefined) return canceled(output);
    const lost = lots.findLast((lot) => !isDone(lot) && lot.result)?.result;
    const reason = lost ?? missing ?? this.unsold();
    if (done.length === 0) return reason;
    this.warnings.push(`${done.length} of ${lots.length} items were done`);
    const degraded = done.some(({ result }) => result?.degraded);
    return { ...completed(output), degraded, status: 'partial', terminationReason: lost ? 'agent_failed' : 'no_bids' };
  }

  private unsold(): PatternResult {
    const message = 'no offer meets the limit of an item with room for it';
    return failed('no_bids', NULL, { code: 'agent.unavailable', message, path: this.ctx.where });
  }
}
