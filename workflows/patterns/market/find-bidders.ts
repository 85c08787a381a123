import { sleep } from '@temporalio/workflow';
import type { MarketParams } from '../../../contracts/market.js';
import type { CandidateAgent } from '../../../contracts/run-workflow.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { holds } from '../../lib/truth.js';
import { inline } from '../../lib/values.js';

/** Agents that are being restarted are back within this time. */
const LONGEST_WAIT_FOR_BIDDERS_MS = 20_000;
const LOOK_EVERY_MS = 250;
const SHOWN = 100;

/** The agents of the task's capability, without those in `out`; the eligible ones unless the market was widened. */
export async function findBidders(
  ctx: PatternContext,
  params: MarketParams,
  out: ReadonlySet<string>,
  isWidened: boolean,
): Promise<CandidateAgent[]> {
  const { capability, labels, version } = params.task;
  const patienceMs = Math.min(params.bidDeadlineMs, LONGEST_WAIT_FOR_BIDDERS_MS);
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const all = await ctx.candidates({ capability, labels, version });
    const left = all.filter(({ agentId }) => !out.has(agentId));
    if (all.length > 0) return isWidened ? left : eligibleOf(ctx, params.eligible, left);
    if (ctx.stopped !== undefined || Date.now() >= giveUpAt) return [];
    await sleep(LOOK_EVERY_MS);
  }
}

async function eligibleOf(
  ctx: PatternContext,
  eligible: string | undefined,
  bidders: CandidateAgent[],
): Promise<CandidateAgent[]> {
  if (eligible === undefined) return bidders;
  const may = await Promise.all(
    bidders.map(async (bidder) => holds(await ctx.evaluate(eligible, inline({ ...bidder }), {}))),
  );
  const chosen = bidders.filter((_, position) => may[position]);
  const shown = (agents: CandidateAgent[]) => agents.slice(0, SHOWN).map(({ agent }) => agent);
  ctx.decide({ what: 'eligible', rule: eligible, candidates: shown(bidders), chosen: shown(chosen) });
  return chosen;
}
