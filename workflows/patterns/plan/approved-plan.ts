import type { PlanParams } from '../../../contracts/plan.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { afterRefusal, canceled, failed } from '../../lib/pattern-result.js';
import { NULL } from '../../lib/values.js';
import { askForPlan, type Asking, type PlanAnswer, rulesFor } from './ask-for-plan.js';
import type { Work } from './plan-work.js';
import { readAnswer } from './read-answer.js';

/** The planner's plan once a person has approved it, where `approval` asks for that; or the person's own. */
export async function approvedPlan(
  ctx: PatternContext,
  params: PlanParams,
  work: Work,
  asking: Asking,
): Promise<PlanAnswer> {
  const answer = await askForPlan(ctx, params, work, asking);
  const { approval } = params;
  const isAsked = approval !== undefined && (approval.of === 'everyReplan' || asking.progress.versions === 0);
  if ('end' in answer || !isAsked || ctx.stopped !== undefined) return answer;
  return settlePlan(ctx, { ...params, approval }, work, asking, answer);
}

/** A person's plan that cannot work goes back to the person, at most `repair` times; then nobody has approved one. */
async function settlePlan(
  ctx: PatternContext,
  { approval, allow, maxTasks, repair }: PlanParams & Required<Pick<PlanParams, 'approval'>>,
  work: Work,
  { progress }: Asking,
  proposed: Extract<PlanAnswer, { plan: unknown }>,
): Promise<PlanAnswer> {
  const rules = rulesFor(ctx, { allow, maxTasks }, work, progress);
  let terms = approval;
  let why = '';
  for (let number = 1; number <= repair + 1; number += 1) {
    const ruling = await ctx.askPerson(terms, { kind: 'plan', subject: proposed.plan, number });
    if (ruling.kind === 'approved') return proposed;
    if (ruling.kind === 'stopped') return { end: canceled(NULL) };
    ({ why } = ruling.kind === 'rejected' ? ruling : { why: 'the plan that was answered cannot work' });
    if (ruling.kind === 'rejected') break;
    const read = await readAnswer(ctx, ruling.data, rules);
    if ('tasks' in read) return { plan: ruling.data, ...read };
    const errors = read.errors.slice(0, 3).join('; ').slice(0, 500);
    progress.warnings.push(`plan ${progress.versions + 1}, as a person answered it, was refused: ${errors}`);
    terms = { ...approval, question: `The plan that was answered cannot work: ${errors.replaceAll('${', '$ {')}` };
  }
  const error = { code: 'approval.rejected', message: why, path: ctx.where };
  return { end: afterRefusal(failed('rejected', NULL, error)) };
}
