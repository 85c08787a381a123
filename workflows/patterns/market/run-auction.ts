import type { MarketParams } from '../../../contracts/market.js';
import type { CandidateAgent } from '../../../contracts/run-workflow.js';
import type { Json } from '../../../contracts/json.js';
import type { Value } from '../../../contracts/values.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { inline } from '../../lib/values.js';
import { askForBids, type CallForProposals, countReplies, type Reply } from './ask-for-bids.js';
import { clockPrice, improves, type Offer, rankOffers, roundLimit } from './auction-rules.js';
import { reportBids } from './report-bids.js';

export interface Auction {
  bidders: CandidateAgent[];
  /** What is to be done, as the bidders see it. */
  task: Value;
  reserve: number | undefined;
  /** Rounds of earlier auctions of this market. */
  roundsBefore: number;
}

export interface AuctionEnd {
  /** Best first, one of each bidder at most. */
  offers: Offer[];
  rounds: number;
  /** How often each status came. */
  counts: Record<string, number>;
}

const SHOWN = 100;

/**
 * Rounds of bidding until the mechanism's rule ends them. A bidder stands by its best offer: a later refusal or failure
 * takes it out of further rounds and leaves the offer.
 */
export async function runAuction(ctx: PatternContext, params: MarketParams, auction: Auction): Promise<AuctionEnd> {
  const { mechanism, minImprovement } = params;
  const standing = new Map<string, Offer>();
  const counts: Record<string, number> = {};
  const steps = roundLimit(params);
  let active = auction.bidders;
  let best: Offer | undefined;
  let rounds = 0;
  for (let step = 1; step <= steps && ctx.stopped === undefined; step += 1) {
    const asked = mechanism === 'english' ? active.filter(({ agentId }) => agentId !== best?.bidder.agentId) : active;
    if (asked.length === 0) break;
    rounds += 1;
    const call = callOf(params, auction, { step, steps, standing, best });
    ctx.describe(`${mechanism}, round ${call.round}: ${asked.length} asked for bids`);
    const replies = await askForBids(ctx, params, asked, call, mechanism === 'dutch');
    countReplies(replies, counts);
    for (const reply of replies) if (reply.status === 'offer') keepBetter(standing, reply.offer);
    const out = new Set(replies.flatMap((reply) => (staysIn(reply, mechanism, step) ? [] : reply.bidder.agentId)));
    active = active.filter(({ agentId }) => !out.has(agentId));
    const before = best;
    [best] = rankOffers(standing.values(), params);
    reportBids(ctx, params, call.round, replies, best);
    if (best && mechanism === 'dutch') break;
    if (best && before && !improves(before.score, best.score, minImprovement)) break;
  }
  return { offers: rankOffers(standing.values(), params), rounds, counts };
}

function keepBetter(standing: Map<string, Offer>, offer: Offer): void {
  const { agentId } = offer.bidder;
  const before = standing.get(agentId);
  if (before === undefined || offer.score < before.score) standing.set(agentId, offer);
}

/** Who does not undercut in an English auction is out; in a Dutch one a refusal is of this price only. */
function staysIn({ status }: Reply, mechanism: MarketParams['mechanism'], step: number): boolean {
  if (status === 'offer') return true;
  if (status === 'too_high') return mechanism !== 'english' || step === 1;
  return status === 'refused' && mechanism === 'dutch';
}

interface Standing {
  step: number;
  steps: number;
  standing: Map<string, Offer>;
  best: Offer | undefined;
}

function callOf(params: MarketParams, { task, reserve, roundsBefore }: Auction, now: Standing): CallForProposals {
  const { mechanism, minImprovement, sealed, award } = params;
  const { step, steps, standing, best } = now;
  const round = roundsBefore + step;
  const price = mechanism === 'dutch' && reserve !== undefined ? clockPrice(step, steps, reserve) : undefined;
  const isOpen = !sealed || mechanism === 'english';
  const told: Record<string, Json> = {
    mechanism,
    round,
    ...(reserve === undefined ? {} : { reserve }),
    ...(price === undefined ? {} : { price }),
    ...(best === undefined ? {} : { best: { price: best.price, score: best.score }, minImprovement }),
    ...(award.split === undefined ? {} : { winners: award.count }),
    ...(isOpen && standing.size > 0 ? { offers: openOffers(standing) } : {}),
  };
  const limit = price ?? reserve;
  const admits = (offered: number) =>
    (limit === undefined || offered <= limit) &&
    (mechanism !== 'english' || best === undefined || improves(best.price, offered, minImprovement));
  const parts = Object.entries(told).map(([name, value]) => [name, inline(value)] as const);
  const message: Value = { object: { ...Object.fromEntries(parts), task } };
  return { round, message, admits, ...(price === undefined ? {} : { takesAt: price }) };
}

const openOffers = (standing: Map<string, Offer>): Json =>
  [...standing.values()].slice(0, SHOWN).map(({ bidder, price }) => ({ agent: bidder.agent, price }));
