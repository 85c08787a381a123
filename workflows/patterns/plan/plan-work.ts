import type { CallTimeout } from '../../../contracts/calls.js';
import type { MemoryCallName } from '../../../contracts/memory-tasks.js';
import type { PlanParams } from '../../../contracts/plan.js';
import type { RunError } from '../../../contracts/runs.js';
import type { Value } from '../../../contracts/values.js';
import { ExpressionError } from '../../lib/expression-error.js';
import type { CallSpec, PatternContext } from '../../lib/pattern-context.js';
import { completed, failed, fromCall, isUsable, type PatternResult } from '../../lib/pattern-result.js';
import type { InboxReader } from '../../lib/run-inbox.js';
import { holds } from '../../lib/truth.js';
import { define, inline, NULL, plain } from '../../lib/values.js';
import { runMemoryTask } from '../memory-task.js';
import { MEMORY_CALLS, readMemoryCall } from '../read-memory-call.js';
import { type RunningList, runList } from './list-work.js';
import { declaredOrder, ReadyOrder } from './plan-order.js';
import { inputAt, type PlannedTask } from './plan-rules.js';

/** What the plans so far have left behind, by task id. */
export interface Work {
  goal: string;
  input: Value;
  /** In the order of the plans, not of the clock: the same work makes the same prompt. */
  finished: Map<string, { capability: string; output: Value; isLeftOut?: true }>;
  /** Of the last plan. */
  failures: Map<string, { capability: string; error: RunError }>;
  /** Of a plan that is a list: the task that it came to. */
  last?: string;
}

/** A plan while it is worked off. */
export interface RunningPlan {
  plan: Value;
  /** Each behind those it depends on. */
  tasks: PlannedTask[];
  startedAt: number;
  /** How often each was begun, and what those that are done again are told. */
  begun: Map<string, number>;
  instructions: Map<string, string>;
  /** Of a plan that is a list of tasks of the workflow language. */
  list?: RunningList;
}

type Terms = Pick<PlanParams, 'goal' | 'maxConcurrency' | 'prioritise'>;

/**
 * Runs the tasks of a plan, each as soon as those it depends on are finished, at most `maxConcurrency` at once. What
 * depends on a failed task is left alone, and finished work is not done again. With `news` nothing more begins.
 */
export async function runTasks(
  ctx: PatternContext,
  { running, work, round, news }: { running: RunningPlan; work: Work; round: number; news?: InboxReader },
  terms: Terms,
): Promise<void> {
  if (running.list) await runList(ctx, running.list, { running, work, ...(news && { news }) });
  else await runGraph(ctx, { running, work, round, ...(news && { news }) }, terms);
  inPlanOrder(work.finished, running.tasks);
  inPlanOrder(work.failures, running.tasks);
}

async function runGraph(
  ctx: PatternContext,
  { running, work, round, news }: { running: RunningPlan; work: Work; round: number; news?: InboxReader },
  terms: Terms,
): Promise<void> {
  const most = terms.maxConcurrency ?? Number.POSITIVE_INFINITY;
  const waiting = new Set(running.tasks.filter(({ id }) => !work.finished.has(id) && !work.failures.has(id)));
  const readyTasks = () => [...waiting].filter(({ dependsOn }) => dependsOn.every((id) => work.finished.has(id)));
  const order = new ReadyOrder(ctx.at('order', round), terms, round);
  let inFlight = 0;
  let ended = 0;
  let broken: { error: unknown } | undefined;
  let wake = (): void => undefined;
  const perform = async (task: PlannedTask): Promise<void> => {
    try {
      await runTask(ctx, task, running, work, round);
    } catch (error) {
      broken ??= { error };
    }
    inFlight -= 1;
    ended += 1;
    wake();
  };
  for (;;) {
    const seen = ended;
    const isOver = ctx.stopped !== undefined || news?.hasNews() === true;
    const ready = isOver || inFlight >= most ? [] : readyTasks();
    const ordered = terms.prioritise && ready.length > 1 ? await order.of(ready) : declaredOrder(ready);
    for (const task of ordered.slice(0, most - inFlight)) {
      waiting.delete(task);
      inFlight += 1;
      void perform(task);
    }
    if (broken) throw broken.error;
    if (ended > seen) continue;
    if (inFlight === 0) break;
    await new Promise<void>((resolve) => (wake = resolve));
  }
}

function inPlanOrder<Entry>(entries: Map<string, Entry>, tasks: PlannedTask[]): void {
  for (const { id } of tasks) {
    const entry = entries.get(id);
    if (entry === undefined) continue;
    entries.delete(id);
    entries.set(id, entry);
  }
}

async function runTask(
  outer: PatternContext,
  task: PlannedTask,
  { plan, startedAt, begun, instructions }: RunningPlan,
  work: Work,
  round: number,
): Promise<void> {
  const { id, capability } = task;
  const tries = (begun.get(id) ?? 0) + 1;
  begun.set(id, tries);
  const ctx = outer.at('tasks', id, ...(tries === 1 ? [] : ['attempts', tries]));
  const leftMs = task.deadlineMs === undefined ? undefined : startedAt + task.deadlineMs - Date.now();
  const instruction = instructions.get(id);
  const result =
    leftMs !== undefined && leftMs <= 0
      ? tooLate(ctx.where)
      : await perform(ctx, plan, task, work, (input) => ({
          key: '',
          task: { capability, ...within(ctx, leftMs) },
          input,
          role: 'worker',
          round,
          ...(instruction === undefined ? {} : { context: inline({ instruction }) }),
        }));
  if (isUsable(result)) work.finished.set(id, { capability, output: result.output });
  else if (result.error) work.failures.set(id, { capability, error: result.error });
}

/** An expression of the planner that fails is a failed task: the planner can do better, the run's author cannot. */
async function perform(
  ctx: PatternContext,
  plan: Value,
  task: PlannedTask,
  work: Work,
  callWith: (input: Value) => CallSpec,
): Promise<PatternResult> {
  try {
    const data = dataOf(work, task.dependsOn);
    if (task.when !== undefined && !holds(await ctx.evaluate(task.when, data, {}))) {
      ctx.emit(`step/${ctx.path}/skipped`, 'step.skipped', { path: ctx.where, name: task.id, reason: 'when' });
      return completed(NULL);
    }
    const given = task.hasInput ? await ctx.transform(inputAt(task.index), plan) : data;
    const template = task.hasInput ? plain(given) : undefined;
    const input = template === undefined ? given : await ctx.input(template, data, {});
    const memory = MEMORY_CALLS.find((name) => name === task.capability);
    if (memory) return await useMemory(ctx, memory, input);
    return fromCall(await ctx.callAgent(callWith(input)), ctx.where);
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

/** The agent is told no more time than the task has left. */
function within({ timeout }: PatternContext, leftMs: number | undefined): { timeout?: CallTimeout } {
  if (leftMs === undefined) return {};
  const { attemptMs, totalMs } = timeout;
  return { timeout: { ...timeout, attemptMs: Math.min(attemptMs, leftMs), totalMs: Math.min(totalMs, leftMs) } };
}

const tooLate = (path: string): PatternResult =>
  failed('agent_failed', NULL, { code: 'agent.timeout', message: 'its deadline passed before it could begin', path });

/** What is done, of all plans so far. */
export const finishedWork = ({ finished }: Work): Work['finished'] =>
  new Map([...finished].filter(([, { isLeftOut }]) => !isLeftOut));

/** What a task sees: the goal, the pattern's input, and the outputs of the tasks that it depends on, or of all. */
export function dataOf({ goal, input, finished }: Work, ids: Iterable<string> = finished.keys()): Value {
  const outputs: Record<string, Value> = {};
  for (const id of ids) define(outputs, id, finished.get(id)?.output ?? NULL);
  return { object: { goal: inline(goal), input, results: { object: outputs } } };
}
