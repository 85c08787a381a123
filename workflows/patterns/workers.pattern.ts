import type { Value } from '../../contracts/values.js';
import type { Synthesis, WorkersParams } from '../../contracts/workers.js';
import type { Aggregate } from '../../contracts/concurrent.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { canceled, failed, fromCall, isUsable, type PatternResult, result } from '../lib/pattern-result.js';
import { elements, NULL } from '../lib/values.js';
import { aggregate, unsuitable } from './aggregate.js';
import { listItems, MAX_ITEMS } from './branch-plan.js';
import { checkOutput } from './check-output.js';
import { type ItemsEnd, runItems } from './run-items.js';
import { isDead, reportWork } from './work-report.js';

const SHOWN = 100;

/**
 * Items, given or planned by an agent, each done by a worker; then one output of all. Dead letters leave a gap and make
 * the result `partial`, as do tasks of workers beyond the cap; with `deadLetter: fail` the first one ends the pattern.
 */
export async function workers(outer: PatternContext, params: WorkersParams, given: Value): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const input = await ctx.input(params.input, given, { input: given });
  const planned = await itemsOf(ctx, params, input);
  if (!Array.isArray(planned)) return planned;
  ctx.describe(`${planned.length} items`);
  const end = await runItems(ctx, params, planned, input);
  reportWork(ctx, end);

  const ended = end.items.map(({ index }) => end.results.get(index));
  const slots = ended.map((item) => (item && isUsable(item.result) ? item.result.output : NULL));
  const usable = ended.filter((item) => item !== undefined && isUsable(item.result)).flatMap((item) => item ?? []);
  if (ctx.stopped !== undefined) return summarise(canceled({ list: slots }), end);
  if (end.items.length === 0) return { ...result('completed', 'done', { list: [] }) };
  const dead = ended.filter((item) => item !== undefined && isDead(item)).flatMap((item) => item ?? []);
  const [first] = dead;
  if (first && (params.deadLetter === 'fail' || usable.length === 0)) {
    const { terminationReason, error } = first.result;
    return summarise(failed(terminationReason, { list: slots }, error), end);
  }
  const combined = await aggregate(ctx, { aggregate: asAggregate(params.synthesize) }, usable, slots, input);
  if (ctx.stopped !== undefined) return summarise(canceled({ list: slots }), end);
  if (!isUsable(combined)) return summarise(combined, end);
  const hasGaps = first !== undefined || usable.some(({ result: { status } }) => status === 'partial');
  const reason = hasGaps ? 'agent_failed' : end.refused > 0 ? 'max_tasks' : 'done';
  const done: PatternResult = {
    ...combined,
    status: reason === 'done' ? 'completed' : 'partial',
    terminationReason: reason,
  };
  return checkOutput(ctx, summarise(done, end), params.outputSchema);
}

/** The items, or how the pattern ends when the planner gave none that can be worked off. */
async function itemsOf(
  ctx: PatternContext,
  { items, plan }: WorkersParams,
  input: Value,
): Promise<Value[] | PatternResult> {
  if (!plan) return listItems(ctx, items ?? [], input);
  const place = ctx.at('plan');
  const question = await place.input(plan.input, input, { input });
  const call = await place.callAgent({ key: '', task: { ...plan, kind: 'plan' }, input: question, role: 'planner' });
  const planned = fromCall(call, place.where);
  if (!isUsable(planned)) return planned;
  const list = elements(planned.output);
  if (!list) return unsuitable(place, [planned.output], 'the plan must be a list of items');
  if (list.length > MAX_ITEMS)
    return unsuitable(place, [], `the plan has ${list.length} items, more than ${MAX_ITEMS}`);
  ctx.decide({ what: 'plan', rule: 'items of the planner', chosen: list.length });
  return list;
}

const asAggregate = (how: Synthesis): Aggregate =>
  typeof how === 'object' && ('capability' in how || 'agent' in how) ? { reduce: how } : (how as Aggregate);

function summarise(ended: PatternResult, { items, results, refused, unreadable }: ItemsEnd): PatternResult {
  const ofItems = items.flatMap(({ index, name }) => {
    const item = results.get(index);
    if (!item) return [];
    const { result: own, attempts } = item;
    const tries = attempts === 1 ? '' : ` ${attempts} times`;
    return [
      ...(isDead(item) ? [`${name} failed${tries}: ${own.error?.message ?? 'no reason given'}`] : []),
      ...own.warnings.map((warning) => `${name}: ${warning}`),
    ];
  });
  const warnings = [
    ...(refused > 0 ? [`${refused} further tasks of workers were over the cap`] : []),
    ...unreadable.map((name) => `${name}: its further tasks could not be read`),
    ...ofItems,
  ];
  const more = warnings.length - SHOWN;
  return {
    ...ended,
    degraded: ended.degraded || [...results.values()].some(({ result: { degraded } }) => degraded),
    warnings: more > 0 ? [...warnings.slice(0, SHOWN), `and ${more} more warnings`] : warnings,
  };
}
