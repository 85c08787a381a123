import type { PlanParams } from '../../../contracts/plan.js';
import type { Value } from '../../../contracts/values.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { fromCall, isUsable } from '../../lib/pattern-result.js';
import { inline, plain } from '../../lib/values.js';
import { JUDGEMENT, judgeFacts, type Judgement, readJudgement } from './plan-ledger.js';
import type { PlannedTask } from './plan-rules.js';
import type { RunningPlan, Work } from './plan-work.js';

/** What a plan has come through so far. */
export interface Progress {
  round: number;
  stalls: number;
  /** Plans made. */
  versions: number;
  /** Calls to the planner and tasks that were begun. */
  calls: number;
  warnings: string[];
  /** What the planner keeps, and hands back with each question; undefined when it keeps none. */
  ledger?: Value;
  /** How it judged the last round. */
  judgement?: Judgement;
  /** What there is so far, in its words. */
  summary?: Value;
  /** What was known was forgotten, so that the plan is made from scratch. */
  isReset: boolean;
}

/**
 * How the round stands: the planner says it when it keeps a ledger, otherwise the facts do, and also when its answer is
 * no judgement.
 */
export async function judgeRound(
  ctx: PatternContext,
  { planner, maxStalls }: PlanParams,
  { tasks }: RunningPlan,
  { work, progress, finishedBefore }: { work: Work; progress: Progress; finishedBefore: number },
): Promise<{ judgement: Judgement; by: 'ledger' | 'facts' }> {
  const open = tasks.filter(({ id }) => !work.finished.has(id));
  const facts = judgeFacts({ open: open.length, finished: work.finished.size - finishedBefore });
  const { ledger, round, stalls } = progress;
  if (!ledger) return { judgement: facts, by: 'facts' };
  const input: Value = {
    object: {
      question: inline('ledger'),
      goal: inline(work.goal),
      input: work.input,
      ledger,
      round: inline(round),
      tasks: { list: tasks.map((task) => standing(task, work)) },
      stalls: inline(stalls),
      maxStalls: inline(maxStalls),
    },
  };
  progress.calls += 1;
  const call = { key: `ledger/${round}`, task: { ...planner, kind: 'decide' as const }, input, role: 'ledger', round };
  const answer = fromCall(await ctx.callAgent(call), ctx.where);
  const said = isUsable(answer) ? plain(await ctx.transform(JUDGEMENT, answer.output)) : undefined;
  const judgement = readJudgement(said, new Set(open.map(({ id }) => id)));
  if (!judgement) {
    const why = isUsable(answer) ? 'its answer is no judgement' : (answer.error?.message ?? 'it gave no answer');
    if (ctx.stopped === undefined) progress.warnings.push(`round ${round} was judged by the facts: ${why}`);
    return { judgement: facts, by: 'facts' };
  }
  if (judgement.hasLedger) progress.ledger = await ctx.transform('.ledger', answer.output);
  if (judgement.hasSummary) progress.summary = await ctx.transform('.summary', answer.output);
  return { judgement, by: 'ledger' };
}

function standing({ id, capability, dependsOn }: PlannedTask, { finished, failures }: Work): Value {
  const [done, lost] = [finished.get(id), failures.get(id)];
  return {
    object: {
      id: inline(id),
      capability: inline(capability),
      dependsOn: inline(dependsOn),
      status: inline(done ? 'finished' : lost ? 'failed' : 'open'),
      ...(done ? { output: done.output } : {}),
      ...(lost ? { error: inline(lost.error.message) } : {}),
    },
  };
}
