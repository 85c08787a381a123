import type { Bid } from '../../../contracts/agent-protocol.js';
import type { MarketParams } from '../../../contracts/market.js';
import type { CallResult, CandidateAgent } from '../../../contracts/run-workflow.js';
import type { Value } from '../../../contracts/values.js';
import type { CallTask } from '../../lib/call-shape.js';
import { ExpressionError } from '../../lib/expression-error.js';
import type { CallSpec, PatternContext } from '../../lib/pattern-context.js';
import { inline, plain } from '../../lib/values.js';
import type { Offer } from './auction-rules.js';
import { readBid } from './read-bid.js';

/** One round as the bidders are told of it. */
export interface CallForProposals {
  round: number;
  message: Value;
  /** Whether an offer at this price can win. */
  admits: (price: number) => boolean;
  /** In a Dutch auction who takes the price gets it, whatever lower price it named. */
  takesAt?: number;
}

export type Reply = { bidder: CandidateAgent; reason?: string; price?: number } & (
  { status: 'offer'; offer: Offer } | { status: 'too_high' | 'refused' | 'late' | 'malformed' | 'failed' | 'canceled' }
);

/** A bidder that cannot be reached is not waited for. */
const BID_PATIENCE_MS = 300;

/** One reply of each bidder, in their order; with `untilTaken` the others are given up as soon as one makes an offer. */
export async function askForBids(
  ctx: PatternContext,
  params: MarketParams,
  bidders: CandidateAgent[],
  call: CallForProposals,
  untilTaken: boolean,
): Promise<Reply[]> {
  const specs = bidders.map((bidder) => specOf(params, bidder, call));
  if (!untilTaken) {
    const results = await ctx.callAgents(specs);
    return Promise.all(results.map((result, position) => readReply(ctx, params, bidders[position]!, call, result)));
  }
  const scope = ctx.newScope();
  const race = ctx.branch(scope, true);
  let taken = false;
  return Promise.all(
    specs.map(async (spec, position): Promise<Reply> => {
      const bidder = bidders[position]!;
      const reply = await readReply(race, params, bidder, call, await race.callAgent(spec));
      if (reply.status !== 'offer') return reply;
      if (taken) return { bidder, status: 'canceled', reason: 'another was first' };
      taken = true;
      scope.stop('lost');
      return reply;
    }),
  );
}

function specOf({ task, bidDeadlineMs }: MarketParams, { agentId }: CandidateAgent, call: CallForProposals): CallSpec {
  const { capability, labels, version } = task;
  const asked: CallTask = {
    kind: 'bid',
    capability,
    agent: agentId,
    labels,
    version,
    timeout: { attemptMs: bidDeadlineMs, totalMs: bidDeadlineMs },
    retry: { maxAttempts: 2, initialMs: 50, factor: 2, maxMs: 200, jitter: 0, nonRetryable: ['agent.invalid_output'] },
    patienceMs: BID_PATIENCE_MS,
  };
  return {
    key: `rounds/${call.round}/${agentId}`,
    task: asked,
    input: call.message,
    role: 'bidder',
    round: call.round,
  };
}

async function readReply(
  ctx: PatternContext,
  params: MarketParams,
  bidder: CandidateAgent,
  call: CallForProposals,
  result: CallResult,
): Promise<Reply> {
  if (result.status !== 'completed') return { bidder, ...lostBid(result) };
  const answer = readBid(result.output === undefined ? undefined : plain(result.output));
  if ('malformed' in answer) return { bidder, status: 'malformed', reason: answer.malformed };
  if ('refused' in answer) return { bidder, status: 'refused', reason: answer.refused };
  const { bid } = answer;
  if (!call.admits(bid.price)) return { bidder, status: 'too_high', price: bid.price };
  const score = await scoreOf(ctx, params, bid, bidder);
  if (typeof score === 'string') return { bidder, status: 'malformed', reason: score, price: bid.price };
  const offer: Offer = {
    ...bid,
    price: call.takesAt ?? bid.price,
    bidder,
    round: call.round,
    score: call.takesAt ?? score,
    answerMs: result.queueMs + result.execMs,
    validUntil: Date.now() + (bid.validForMs ?? Number.MAX_SAFE_INTEGER / 2),
    lot: params.tieBreak === 'seeded' ? Math.random() : 0,
  };
  return { bidder, status: 'offer', offer, price: offer.price };
}

function lostBid({ status, error }: CallResult): {
  status: 'late' | 'malformed' | 'failed' | 'canceled';
  reason?: string;
} {
  const reason = error?.message;
  if (status === 'canceled') return { status: 'canceled', reason };
  if (error?.code === 'agent.timeout') return { status: 'late', reason };
  return { status: error?.code === 'agent.invalid_output' ? 'malformed' : 'failed', reason };
}

/** A bid without a number for its score cannot be compared, so it cannot win; the text says why. */
async function scoreOf(
  ctx: PatternContext,
  { score: expression }: MarketParams,
  bid: Bid,
  bidder: CandidateAgent,
): Promise<number | string> {
  if (expression === undefined) return bid.price;
  try {
    const score = plain(await ctx.evaluate(expression, inline({ ...bidder, ...bid }), {}));
    return typeof score === 'number' && Number.isFinite(score) ? score : 'score gave no number';
  } catch (error) {
    if (error instanceof ExpressionError) return `score failed: ${error.message}`;
    throw error;
  }
}

/** How often each status came, added to `counts`. */
export function countReplies(replies: readonly Reply[], counts: Record<string, number> = {}): Record<string, number> {
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
