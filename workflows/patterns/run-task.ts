import type { MemoryTask } from '../../contracts/memory-tasks.js';
import type { NestedPattern, Task } from '../../contracts/tasks.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { runMemoryTask } from './memory-task.js';
import { fromCall, type PatternResult } from '../lib/pattern-result.js';

/** What a step or branch does, with its input already evaluated: one agent call, a nested pattern, or shared memory. */
export async function runTask(
  ctx: PatternContext,
  task: Task | MemoryTask,
  input: Value,
  role?: string,
): Promise<PatternResult> {
  if (isNested(task)) return ctx.runPattern(task, input);
  if (isMemory(task)) return runMemoryTask(ctx, task, input);
  return fromCall(await ctx.callAgent({ key: '', task, input, role }), ctx.where);
}

export const isNested = <Any extends Task | MemoryTask>(task: Any): task is Extract<Any, NestedPattern> =>
  'pattern' in task;
export const isMemory = <Any extends Task | MemoryTask>(task: Any): task is Extract<Any, MemoryTask> => 'call' in task;
