import type { Json } from '../../../contracts/json.js';
import type { MarketParams } from '../../../contracts/market.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import type { Reply } from './ask-for-bids.js';
import type { Offer } from './auction-rules.js';

const SHOWN = 100;

/** A round of bidding as a decision: every reply with its price and score, or why there is none. */
export function reportBids(
  ctx: PatternContext,
  { mechanism, score }: MarketParams,
  round: number,
  replies: Reply[],
  best: Offer | undefined,
): void {
  ctx.decide({
    what: 'bids',
    rule: `${mechanism}, round ${round}: lowest ${score === undefined ? 'price' : 'score'} leads`,
    candidates: replies.slice(0, SHOWN).map(({ bidder }) => bidder.agent),
    scores: replies.slice(0, SHOWN).map((reply) => describeReply(reply, score !== undefined)),
    chosen: best?.bidder.agent ?? null,
  });
}

function describeReply(reply: Reply, isScored: boolean): Json {
  const { bidder, status, reason, price } = reply;
  return {
    agent: bidder.agent,
    status,
    ...(price === undefined ? {} : { price }),
    ...(reply.status === 'offer' ? describeOffer(reply.offer, isScored) : {}),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** What an offer is ranked by; with a score also what it is made of. */
function describeOffer({ score, etaMs, quantity, confidence, bidder }: Offer, isScored: boolean): Record<string, Json> {
  const { successRate, reputation, latencyMs, costUsd } = bidder;
  return {
    score,
    etaMs,
    ...(quantity === undefined ? {} : { quantity }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(isScored ? { bidder: { successRate, reputation, latencyMs, costUsd } } : {}),
  };
}
