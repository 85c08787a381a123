import type { PlanParams } from '../../../contracts/plan.js';
import type { Value } from '../../../contracts/values.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import type { PatternResult } from '../../lib/pattern-result.js';
import { define, NULL, plain } from '../../lib/values.js';
import type { Progress } from './judge-plan.js';
import type { Judgement } from './plan-ledger.js';
import { difference, type PlannedTask, results } from './plan-rules.js';
import type { Work } from './plan-work.js';

/** What the plan came to, by task id. */
export function outputOf(tasks: PlannedTask[], { finished, last }: Work): Value {
  const outputs: Record<string, Value> = {};
  const ids = last === undefined || !finished.has(last) ? results(tasks, new Set(finished.keys())) : [last];
  for (const id of ids) define(outputs, id, finished.get(id)?.output ?? NULL);
  return { object: outputs };
}

/** Which plan is followed from now on, and what it changes. */
export function reportPlan(
  ctx: PatternContext,
  { allow }: Pick<PlanParams, 'allow'>,
  { before, after, work, version }: { before: PlannedTask[]; after: PlannedTask[]; work: Work; version: number },
): void {
  ctx.decide({
    what: version === 0 ? 'plan' : 'replan',
    rule: 'planner',
    candidates: allow,
    scores: difference(before, after, new Set(work.finished.keys())),
    chosen: after.map(({ id, capability, dependsOn }) => ({ id, capability, dependsOn })),
  });
}

/** How a round stands; of the facts alone only a round that brought nothing is worth a word. */
export function reportJudgement(
  ctx: PatternContext,
  { judgement, by, progress }: { judgement: Judgement; by: 'ledger' | 'facts'; progress: Progress },
): void {
  if (by === 'facts' && judgement.progressing) return;
  const { satisfied, looping, progressing, next, reason } = judgement;
  const { round, stalls } = progress;
  ctx.decide({
    what: 'ledger',
    rule: by === 'ledger' ? 'planner' : 'facts',
    scores: { round, satisfied, looping, progressing, stalls, ...(reason === undefined ? {} : { reason }) },
    chosen: next.map(({ id }) => id),
  });
}

/** What there is although the goal was not reached, and why it ended. */
export function reportSummary(
  ctx: PatternContext,
  { end, tasks, work, progress }: { end: PatternResult; tasks: PlannedTask[]; work: Work; progress: Progress },
): void {
  const { finished, failures } = work;
  const said = progress.summary && plain(progress.summary);
  const open = tasks.filter(({ id }) => !finished.has(id) && !failures.has(id)).map(({ id }) => id);
  const { round: rounds, versions: plans, stalls } = progress;
  ctx.decide({
    what: 'summary',
    rule: end.terminationReason,
    scores: { finished: [...finished.keys()], failed: [...failures.keys()], open, rounds, plans, stalls },
    ...(said === undefined ? {} : { chosen: said }),
  });
}
