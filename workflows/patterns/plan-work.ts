import type { MemoryCallName } from '../../contracts/memory-tasks.js';
import type { RunError } from '../../contracts/runs.js';
import type { Value } from '../../contracts/run-workflow.js';
import { ExpressionError } from '../lib/expression-error.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { completed, failed, fromCall, isUsable, type PatternResult } from '../lib/pattern-result.js';
import { holds } from '../lib/truth.js';
import { define, inline, NULL, plain } from '../lib/values.js';
import { runMemoryTask } from './memory-task.js';
import { MEMORY_CALLS, readMemoryCall } from './read-memory-call.js';
import { inputAt, type PlannedTask } from './plan-rules.js';

/** What the plans so far have left behind, by task id. */
export interface Work {
  goal: string;
  input: Value;
  /** In the order of the plans, not of the clock: the same work makes the same prompt. */
  finished: Map<string, { capability: string; output: Value }>;
  /** Of the last plan. */
  failures: Map<string, { capability: string; error: RunError }>;
}

/**
 * Runs the tasks of a plan, given in order, each as soon as those it depends on are finished. What depends on a failed
 * task is left alone, and finished work is not done again.
 */
export async function runTasks(ctx: PatternContext, plan: Value, tasks: PlannedTask[], work: Work, round: number) {
  const ended = new Map<string, Promise<void>>();
  for (const task of tasks) {
    const others = task.dependsOn.flatMap((id) => ended.get(id) ?? []);
    const run = async (): Promise<void> => {
      if (others.length > 0) await Promise.all(others);
      if (ctx.stopped !== undefined || work.finished.has(task.id)) return;
      if (task.dependsOn.some((id) => !work.finished.has(id))) return;
      const { id, capability } = task;
      const result = await runTask(ctx.at('tasks', id), plan, task, work, round);
      if (isUsable(result)) work.finished.set(id, { capability, output: result.output });
      else if (result.error) work.failures.set(id, { capability, error: result.error });
    };
    ended.set(task.id, run());
  }
  await Promise.all(ended.values());
  inPlanOrder(work.finished, tasks);
  inPlanOrder(work.failures, tasks);
}

function inPlanOrder<Entry>(entries: Map<string, Entry>, tasks: PlannedTask[]): void {
  for (const { id } of tasks) {
    const entry = entries.get(id);
    if (entry === undefined) continue;
    entries.delete(id);
    entries.set(id, entry);
  }
}

/** An expression of the planner that fails is a failed task: the planner can do better, the run's author cannot. */
async function runTask(
  ctx: PatternContext,
  plan: Value,
  task: PlannedTask,
  work: Work,
  round: number,
): Promise<PatternResult> {
  try {
    const data = dataOf(task, work);
    if (task.when !== undefined && !holds(await ctx.evaluate(task.when, data, {}))) {
      ctx.emit(`step/${ctx.path}/skipped`, 'step.skipped', { path: ctx.where, name: task.id, reason: 'when' });
      return completed(NULL);
    }
    const given = task.hasInput ? await ctx.transform(inputAt(task.index), plan) : data;
    const template = task.hasInput ? plain(given) : undefined;
    const input = template === undefined ? given : await ctx.input(template, data, {});
    const memory = MEMORY_CALLS.find((name) => name === task.capability);
    if (memory) return await useMemory(ctx, memory, input);
    const call = { key: '', task: { capability: task.capability }, input, role: 'worker', round };
    return fromCall(await ctx.callAgent(call), ctx.where);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { message, path } = error;
    return failed('invalid_expression', NULL, { code: 'expression.failed', message, path });
  }
}

async function useMemory(ctx: PatternContext, call: MemoryCallName, input: Value): Promise<PatternResult> {
  const read = await readMemoryCall(ctx, call, input);
  if ('task' in read) return runMemoryTask(ctx, read.task, read.data);
  return failed('memory_refused', NULL, { code: 'request.invalid', message: read.problem, path: ctx.where });
}

/** What a task sees: the goal, the pattern's input, and the outputs of the tasks that it depends on. */
function dataOf({ dependsOn }: PlannedTask, { goal, input, finished }: Work): Value {
  const outputs: Record<string, Value> = {};
  for (const id of dependsOn) define(outputs, id, finished.get(id)?.output ?? NULL);
  return { object: { goal: inline(goal), input, results: { object: outputs } } };
}
