import type { MarketParams } from '../../../contracts/market.js';
import type { CandidateAgent } from '../../../contracts/run-workflow.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import type { PatternResult } from '../../lib/pattern-result.js';
import type { Offer } from './auction-rules.js';
import { BidAnswers } from './bid-answers.js';
import { findBidders } from './find-bidders.js';

/**
 * What all sales have in common: rounds in which agents are asked for bids, those behind the task who stand in for what
 * nobody did, and an answer to everyone who bid, whatever the end.
 */
export abstract class Sale {
  protected readonly answers: BidAnswers;
  protected readonly warnings: string[] = [];
  protected rounds = 0;
  protected isWidened = false;
  private readonly bidders = new Map<string, Offer>();

  constructor(
    protected readonly ctx: PatternContext,
    protected readonly params: MarketParams,
  ) {
    this.answers = new BidAnswers(ctx, params.task);
  }

  async run(): Promise<PatternResult> {
    try {
      const missing = await this.sell();
      await this.standIn(missing);
      return { ...this.end(missing), rounds: this.rounds, warnings: this.warnings };
    } finally {
      this.answers.reject(this.bidders.values());
      await this.answers.delivered();
    }
  }

  /** Everything that can be sold; the reason when there were too few bids for the rest. */
  protected abstract sell(): Promise<PatternResult | undefined>;

  /** Those behind the task do what a winner failed at, and what is left over where the parameters say so. */
  protected abstract standIn(missing: PatternResult | undefined): Promise<void>;

  protected abstract end(missing: PatternResult | undefined): PatternResult;

  /** Who may be asked, without those who are `out`. */
  protected findBidders(out: ReadonlySet<string>): Promise<CandidateAgent[]> {
    return findBidders(this.ctx, this.params, out, this.isWidened);
  }

  /** They are answered at the end, unless they win. */
  protected keep(offers: readonly Offer[]): void {
    for (const offer of offers) this.bidders.set(offer.bidder.agentId, offer);
  }
}
