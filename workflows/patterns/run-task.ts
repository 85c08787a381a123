import type { NestedPattern, Task } from '../../contracts/tasks.js';
import type { Value } from '../../contracts/run-workflow.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { fromCall, type PatternResult } from '../lib/pattern-result.js';

/** What a step or branch does, with its input already evaluated: one agent call, or a nested pattern at this place. */
export async function runTask(ctx: PatternContext, task: Task, input: Value, role?: string): Promise<PatternResult> {
  if (isNested(task)) return ctx.runPattern(task, input);
  return fromCall(await ctx.callAgent({ key: '', task, input, role }), ctx.where);
}

export const isNested = (task: Task): task is Extract<Task, NestedPattern> => 'pattern' in task;
