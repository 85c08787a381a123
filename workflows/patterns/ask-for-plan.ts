import type { PlanParams } from '../../contracts/plan.js';
import type { Value } from '../../contracts/run-workflow.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { failed, fromCall, isUsable, type PatternResult } from '../lib/pattern-result.js';
import { inline, NULL, plain } from '../lib/values.js';
import { type PlannedTask, readPlan, SKELETON } from './plan-rules.js';
import type { Work } from './plan-work.js';

export type PlanAnswer = { plan: Value; tasks: PlannedTask[] } | { end: PatternResult };

/** A plan that can work: one that cannot goes back with its errors, at most `repair` times. */
export async function askForPlan(
  ctx: PatternContext,
  { planner, allow, maxTasks, repair }: PlanParams,
  work: Work,
  { version, warnings }: { version: number; warnings: string[] },
): Promise<PlanAnswer> {
  const task = { ...planner, kind: 'plan' as const };
  const rules = { allow, maxTasks, finished: new Set(work.finished.keys()) };
  let errors: string[] = [];
  for (let attempt = 0; attempt <= repair; attempt += 1) {
    const input: Value = {
      object: {
        goal: inline(work.goal),
        input: work.input,
        allow: inline(allow),
        maxTasks: inline(maxTasks),
        errors: inline(errors),
        finished: finishedWork(work),
        failed: failedWork(work),
      },
    };
    const call = { key: `planner/${attempt}`, task, input, role: 'planner', round: version + 1 };
    const answer = fromCall(await ctx.callAgent(call), ctx.where);
    if (!isUsable(answer)) return { end: { ...answer, output: NULL } };
    const read = readPlan(plain(await ctx.transform(SKELETON, answer.output)), rules);
    if ('tasks' in read) return { plan: answer.output, tasks: read.tasks };
    ({ errors } = read);
    warnings.push(`plan ${version + 1} was refused: ${errors.slice(0, 3).join('; ').slice(0, 500)}`);
  }
  const message = `the planner gave no plan that can work: ${errors.slice(0, 3).join('; ')}`;
  return { end: failed('invalid_output', NULL, { code: 'agent.invalid_output', message, path: ctx.where }) };
}

const finishedWork = ({ finished }: Work): Value => ({
  list: [...finished].map(([id, { capability, output }]) => ({
    object: { id: inline(id), capability: inline(capability), output },
  })),
});

const failedWork = ({ failures }: Work): Value =>
  inline(
    [...failures].map(
      ([
        id,
        {
          capability,
          error: { message },
        },
      ]) => ({ id, capability, error: message }),
    ),
  );
