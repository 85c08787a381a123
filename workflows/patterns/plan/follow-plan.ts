import type { PlanParams } from '../../../contracts/plan.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { WrittenTasks } from '../../language/interpreter/written-tasks.js';
import type { InboxReader } from '../../lib/run-inbox.js';
import type { PlanAnswer } from './ask-for-plan.js';
import { type Progress, judgeRound } from './judge-plan.js';
import { nextStalls } from './plan-ledger.js';
import { dataOf, finishedWork, type RunningPlan, runTasks, type Work } from './plan-work.js';
import { reportJudgement } from './report-plan.js';

/** Where a plan led: the goal is met, the rest is planned anew, from scratch after too many stalls, or a limit ends it. */
export type Course = 'satisfied' | 'replan' | 'stalled' | 'max_rounds' | 'stopped';

interface Following {
  work: Work;
  progress: Progress;
  news?: InboxReader;
}

/**
 * Rounds of one plan. A round works off all that can be done and is judged then; as long as the ledger says which open
 * tasks are to be done again, the plan goes on with them.
 */
export async function followPlan(
  ctx: PatternContext,
  params: PlanParams,
  { plan, tasks, list }: Extract<PlanAnswer, { plan: unknown }>,
  { work, progress, news: told }: Following,
): Promise<Course> {
  const running: RunningPlan = { plan, tasks, startedAt: Date.now(), begun: new Map(), instructions: new Map() };
  if (list) running.list = { tasks: new WrittenTasks(ctx, list, dataOf(work)), kept: finishedWork(work) };
  // What the run is told now can no longer have an effect: the plan goes on.
  const news = progress.versions <= params.maxReplans ? told : undefined;
  for (;;) {
    progress.round += 1;
    const { round } = progress;
    const finishedBefore = work.finished.size;
    const known = new Set(work.failures.keys());
    const begunBefore = begunTasks(running);
    await runTasks(ctx, { running, work, round, news }, params);
    progress.calls += begunTasks(running) - begunBefore;
    if (ctx.stopped !== undefined) return 'stopped';
    for (const [id, { error }] of work.failures)
      if (!known.has(id)) progress.warnings.push(`task ${id} failed: ${error.message}`);
    if (news?.hasNews()) return round >= params.maxRounds ? 'max_rounds' : 'replan';

    const { judgement, by } = await judgeRound(ctx, params, running, { work, progress, finishedBefore });
    if (ctx.stopped !== undefined) return 'stopped';
    if (!judgement.satisfied) progress.stalls = nextStalls(progress.stalls, judgement);
    progress.judgement = by === 'ledger' ? judgement : undefined;
    reportJudgement(ctx, { judgement, by, progress });
    if (judgement.satisfied) return 'satisfied';
    if (round >= params.maxRounds) return 'max_rounds';
    if (progress.stalls > params.maxStalls) return 'stalled';
    if (judgement.next.length === 0) return 'replan';
    for (const { id, instruction } of judgement.next) {
      work.failures.delete(id);
      if (instruction === undefined) running.instructions.delete(id);
      else running.instructions.set(id, instruction);
    }
  }
}

const begunTasks = ({ begun }: RunningPlan): number => [...begun.values()].reduce((sum, times) => sum + times, 0);
