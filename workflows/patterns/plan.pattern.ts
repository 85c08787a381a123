import type { PlanParams } from '../../contracts/plan.js';
import type { Value } from '../../contracts/run-workflow.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { canceled, failed, isRefused, type PatternResult, result } from '../lib/pattern-result.js';
import { define, NULL } from '../lib/values.js';
import { approvedPlan } from './approved-plan.js';
import { checkOutput } from './check-output.js';
import { difference, type PlannedTask, results } from './plan-rules.js';
import { runTasks, type Work } from './plan-work.js';

/**
 * A planner's graph of tasks, run as dependencies complete. When tasks fail, the rest is planned anew on top of what is
 * finished; the output is what the last plan came to, by task id.
 */
export async function plan(outer: PatternContext, params: PlanParams, given: Value): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const input = await ctx.input(params.input, given, { input: given });
  const work: Work = { goal: params.goal, input, finished: new Map(), failures: new Map() };
  return checkOutput(ctx, await planAndRun(ctx, params, work), params.outputSchema);
}

async function planAndRun(ctx: PatternContext, params: PlanParams, work: Work): Promise<PatternResult> {
  const warnings: string[] = [];
  let tasks: PlannedTask[] = [];
  for (let version = 0; ; version += 1) {
    const place = ctx.at('plans', version);
    const said = (end: PatternResult) => ({ ...end, output: outputOf(tasks, work), rounds: version + 1, warnings });
    ctx.describe(`plan ${version + 1} is being made`);
    const answer = await approvedPlan(place, params, work, { version, warnings });
    if (ctx.stopped !== undefined) return said(canceled(NULL));
    if ('end' in answer)
      return said(isEmpty(work) || isRefused(answer.end) ? answer.end : { ...answer.end, status: 'partial' });

    report(ctx, params, { before: tasks, after: answer.tasks, work, version });
    tasks = answer.tasks;
    work.failures.clear();
    ctx.describe(`plan ${version + 1}: ${tasks.length} tasks`);
    await runTasks(place, answer.plan, tasks, work, version + 1);
    if (ctx.stopped !== undefined) return said(canceled(NULL));
    if (tasks.every(({ id }) => work.finished.has(id))) return said(result('completed', 'done', NULL));
    for (const [id, { error }] of work.failures) warnings.push(`task ${id} failed: ${error.message}`);
    if (version === params.maxReplans) return said(unfinished(work));
  }
}

const isEmpty = ({ finished }: Work): boolean => finished.size === 0;

function unfinished(work: Work): PatternResult {
  if (!isEmpty(work)) return result('partial', 'agent_failed', NULL);
  return failed('agent_failed', NULL, [...work.failures.values()][0]?.error);
}

function outputOf(tasks: PlannedTask[], { finished }: Work): Value {
  const outputs: Record<string, Value> = {};
  for (const id of results(tasks, new Set(finished.keys()))) define(outputs, id, finished.get(id)?.output ?? NULL);
  return { object: outputs };
}

function report(
  ctx: PatternContext,
  { allow }: PlanParams,
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
