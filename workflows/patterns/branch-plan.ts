import type { AgentTask } from '../../contracts/calls.js';
import type { Branch, ConcurrentParams } from '../../contracts/concurrent.js';
import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import type { Variables } from '../lib/evaluator.js';
import { ExpressionError } from '../lib/expression-error.js';
import type { PatternContext } from '../lib/pattern-context.js';
import type { Soon } from '../lib/soon.js';
import { elements, inline } from '../lib/values.js';

/** Above this many items a run would not end within reasonable time and memory. */
export const MAX_ITEMS = 10_000;

/** One branch before it starts; its input is evaluated then, so that 10,000 of them wait without cost. */
export interface PlannedBranch {
  index: number;
  /** Below the pattern: `branches/0`, `items/3`. */
  key: string;
  /** As decisions name it. */
  name: string;
  role?: string;
  task: Branch;
  data: Value;
  variables: Variables;
}

/** The branches that the parameters stand for, in declaration order. Fails with an `ExpressionError` for bad `items`. */
export async function planBranches(
  ctx: PatternContext,
  params: ConcurrentParams,
  input: Value,
): Promise<PlannedBranch[]> {
  if (params.items !== undefined && params.branch) return planItems(ctx, params.items, params.branch, input);
  return declared(params).map((task, index) => ({
    index,
    key: `branches/${index}`,
    name: task.name ?? ('agent' in task && task.agent ? task.agent : `branches/${index}`),
    role: task.name,
    task,
    data: input,
    variables: {},
  }));
}

function declared({ branches, agents, capability, count = 0 }: ConcurrentParams): Branch[] {
  if (branches) return branches;
  if (agents) return agents.map((agent): AgentTask => ({ agent }));
  return Array.from({ length: count }, (): AgentTask => ({ capability }));
}

async function planItems(ctx: PatternContext, items: Json, branch: Branch, input: Value): Promise<PlannedBranch[]> {
  const list = await listItems(ctx, items, input);
  return list.map((item, index) => itemBranch(branch, item, index));
}

/** What `items` stand for. Fails with an `ExpressionError` when that is no list or too long a one. */
export async function listItems(ctx: PatternContext, items: Json, input: Value): Promise<Value[]> {
  return itemsIn(ctx, await givenItems(ctx, items, input));
}

/** The value that `items` stand for, which is to be a list. */
export const givenItems = (ctx: PatternContext, items: Json, input: Value): Soon<Value> =>
  typeof items === 'string' ? ctx.evaluate(items, input, { input }) : ctx.input(items, input, { input });

/** Its elements. Fails with an `ExpressionError` when it is no list or too long a one. */
export function itemsIn(ctx: PatternContext, given: Value): Value[] {
  const list = elements(given);
  if (!list) throw new ExpressionError('items must give a list', ctx.where);
  if (list.length > MAX_ITEMS)
    throw new ExpressionError(`items gave ${list.length}, more than ${MAX_ITEMS}`, ctx.where);
  return list;
}

/** The branch that does one item. */
export const itemBranch = (branch: Branch, item: Value, index: number): PlannedBranch => ({
  index,
  key: `items/${index}`,
  name: `items/${index}`,
  role: branch.name,
  task: branch,
  data: item,
  variables: { item, index: inline(index) },
});
