import type { MakerChecker } from '../../contracts/group-chat.js';
import type { Member } from '../../contracts/members.js';
import type { Json } from '../../contracts/json.js';
import type { CallResult } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { canceled, failed, fromCall, isUsable, type PatternResult, result } from '../lib/pattern-result.js';
import { inline, NULL, plain } from '../lib/values.js';
import { judgeReviews, neededApprovals, readReview, type Review, REVIEW } from './review-rules.js';

interface Revision {
  input: Value;
  number: number;
  /** What was made last and what the checkers said of it. */
  draft: Value;
  reviews: Review[];
}

/** What the checkers reject is made anew with their reasons; when nobody gives a verdict any more, the draft stands. */
export async function makeAndCheck(ctx: PatternContext, params: MakerChecker, input: Value): Promise<PatternResult> {
  const checkers = params.checkers.map((checker) => ({ ...checker, kind: 'decide' as const }));
  const needed = neededApprovals(params);
  const last: Revision = { input, number: 0, draft: NULL, reviews: [] };
  for (; last.number <= params.maxRevisions; last.number += 1) {
    const said = { rounds: last.number + 1, warnings: [] };
    const place = ctx.at('revisions', last.number);
    ctx.describe(`revision ${last.number} of at most ${params.maxRevisions}`);
    const made = await make(place.at('maker'), params.maker, last);
    if (ctx.stopped !== undefined || made.status === 'canceled') return { ...canceled(last.draft), ...said };
    if (!isUsable(made)) return { ...made, output: last.draft, ...said };
    last.draft = made.output;

    last.reviews = await check(place.at('checkers'), checkers, last);
    if (ctx.stopped !== undefined) return { ...canceled(last.draft), ...said };
    const verdict = judgeReviews(last.reviews, needed);
    report(ctx, params, last.reviews, verdict);
    if (verdict === 'approved') return { ...result('completed', 'rule_met', last.draft), ...said };
    if (verdict === 'silent') {
      const error = { code: 'agent.permanent', message: 'no checker gave a verdict', path: place.where };
      return { ...failed('agent_failed', last.draft, error), ...said };
    }
  }
  const warnings = last.reviews.flatMap(({ by, approve, reasons }) =>
    approve === true ? [] : [`${by} does not approve: ${reasons.join('; ').slice(0, 200) || 'no reason given'}`],
  );
  return { ...result('partial', 'max_rounds', last.draft), rounds: last.number, warnings };
}

async function make(ctx: PatternContext, maker: Member, revision: Revision): Promise<PatternResult> {
  const { input, number, draft, reviews } = revision;
  const data: Value = {
    object: { input, revision: inline(number), draft, reviews: inline(reviews as unknown as Json) },
  };
  const task = await ctx.input(maker.input, data, { input });
  return fromCall(
    await ctx.callAgent({ key: '', task: maker, input: task, role: 'maker', round: number + 1 }),
    ctx.where,
  );
}

async function check(
  ctx: PatternContext,
  checkers: (Member & { kind: 'decide' })[],
  { input, number, draft }: Revision,
): Promise<Review[]> {
  const data: Value = { object: { input, revision: inline(number), draft } };
  const calls = [];
  for (const checker of checkers) {
    const task = await ctx.at(checker.name).input(checker.input, data, { input });
    calls.push({ key: checker.name, task: checker, input: task, role: 'checker', round: number + 1 });
  }
  const answers = await ctx.callAgents(calls);
  const reviews = [];
  for (const [at, checker] of checkers.entries()) {
    reviews.push(await review(ctx.at(checker.name), checker.name, answers[at] as CallResult));
  }
  return reviews;
}

async function review(ctx: PatternContext, by: string, answer: CallResult): Promise<Review> {
  if (answer.status !== 'completed') {
    return { by, approve: null, reasons: [`gave no verdict: ${answer.error?.message ?? 'no reason given'}`] };
  }
  return readReview(by, plain(await ctx.transform(REVIEW, answer.output ?? NULL)) ?? null);
}

function report(ctx: PatternContext, params: MakerChecker, reviews: Review[], chosen: string): void {
  ctx.decide({
    what: 'review',
    rule: params.pass === 'all' ? 'all' : `quorum of ${params.pass.quorum}`,
    candidates: reviews.map(({ by }) => by),
    scores: {
      needed: neededApprovals(params),
      reviews: reviews.map(({ by, approve, reasons }) => ({ by, approve, reason: reasons[0]?.slice(0, 200) ?? null })),
    },
    chosen,
  });
}
