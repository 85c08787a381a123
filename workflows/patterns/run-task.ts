import type { NestedPattern, Task } from '../../contracts/patterns.js';
import type { Value } from '../../contracts/run-workflow.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { fromCall, type PatternResult } from '../lib/pattern-result.js';
import { agent } from './agent.pattern.js';
import { concurrent } from './concurrent.pattern.js';
import { sequential } from './sequential.pattern.js';

/** What a step or branch does, with its input already evaluated: one agent call, or a nested pattern at this place. */
export async function runTask(ctx: PatternContext, task: Task, input: Value, role?: string): Promise<PatternResult> {
  if (isNested(task)) return runNested(ctx, task, input);
  return fromCall(await ctx.callAgent({ key: '', task, input, role }), ctx.where);
}

export const isNested = (task: Task): task is Extract<Task, NestedPattern> => 'pattern' in task;

function runNested(ctx: PatternContext, task: NestedPattern, input: Value): Promise<PatternResult> {
  switch (task.pattern) {
    case 'agent':
      return agent(ctx, task.with, input);
    case 'sequential':
      return sequential(ctx, task.with, input);
    case 'concurrent':
      return concurrent(ctx, task.with, input);
  }
}
