import type { AppendParams, GetParams, MemoryTask, PutParams, SearchParams } from '../../contracts/memory-tasks.js';
import type { Json } from '../../contracts/json.js';
import type { MemoryOutcome } from '../../contracts/memory-activities.js';
import type { Value } from '../../contracts/values.js';
import { memoryNames, memoryQuery, WRONG_QUERY } from '../lib/memory-names.js';
import type { MemoryRef } from '../lib/run-memory.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { completed, failed, type PatternResult } from '../lib/pattern-result.js';
import { inline, NULL, plain } from '../lib/values.js';

/** Writers that come in between one after another. */
const MAX_UPDATES = 100;

type Report = (scores: Json, key: string) => void;

/**
 * A task that reads or writes shared memory; a write happens once, whatever dies in between. What the memory refuses is a
 * failed task. Outputs: `{key, value, version}` of a get, `{key, version}` of a write (an update also `value`), `{items}`
 * of a search.
 */
export async function runMemoryTask(ctx: PatternContext, task: MemoryTask, data: Value): Promise<PatternResult> {
  const rule = task.call.slice('memory.'.length);
  const report: Report = (scores, chosen) => ctx.decide({ what: 'memory call', rule, scores, chosen });
  ctx.describe(task.call);
  if (task.call === 'memory.search') return search(ctx, task.with, data, report);
  const ref = await placeOf(ctx, task.with, data);
  if ('problem' in ref) return refused(ctx, 'request.invalid', ref.problem);
  switch (task.call) {
    case 'memory.get':
      return get(ctx, ref, task.with, report);
    case 'memory.put':
      return task.with.update === undefined
        ? put(ctx, ref, task.with, data, report)
        : update(ctx, ref, { ...task.with, update: task.with.update }, data, report);
    case 'memory.append':
      return append(ctx, ref, task.with, data, report);
  }
}

async function get(ctx: PatternContext, ref: MemoryRef, params: GetParams, report: Report): Promise<PatternResult> {
  const { value, version } = await ctx.memoryView.get(ref, params.consistency ?? 'strong');
  report({ version }, ref.key);
  const known = version === 0 ? inline(params.default ?? null) : value;
  return completed({ object: { key: inline(ref.key), value: known, version: inline(version) } });
}

async function put(
  ctx: PatternContext,
  ref: MemoryRef,
  { value, ifVersion, ttlMs, consistency = 'strong' }: PutParams,
  data: Value,
  report: Report,
): Promise<PatternResult> {
  const given = await ctx.input(value, data, {});
  const version = ifVersion === undefined ? undefined : plain(await ctx.input(ifVersion, data, {}));
  if (version !== undefined && !isVersion(version)) return refused(ctx, 'request.invalid', 'ifVersion is no version');
  const terms = { consistency, ...(version === undefined ? {} : { ifVersion: version }), ...timed(ttlMs) };
  return written(ctx, ref, await ctx.memoryView.put(ref, 'put', given, terms), report);
}

/** Reads, makes the new value and puts it, again and again until nobody came in between. */
async function update(
  ctx: PatternContext,
  ref: MemoryRef,
  { update: expression, ttlMs }: PutParams & { update: string },
  data: Value,
  report: Report,
): Promise<PatternResult> {
  for (let attempt = 1; ; attempt += 1) {
    const { value, version } = await ctx.memoryView.fresh(ref);
    const next = await ctx.evaluate(expression, value, { data });
    const terms = { consistency: 'strong' as const, ifVersion: version, ...timed(ttlMs) };
    const outcome = await ctx.memoryView.put(ref, `update/${attempt}`, next, terms);
    const isOver = outcome.written || outcome.reason !== 'conflict' || attempt === MAX_UPDATES;
    if (!isOver && ctx.stopped === undefined) continue;
    return written(ctx, ref, outcome, report, { value: next });
  }
}

async function append(
  ctx: PatternContext,
  ref: MemoryRef,
  { item, maxItems, ttlMs }: AppendParams,
  data: Value,
  report: Report,
): Promise<PatternResult> {
  const given = await ctx.input(item, data, {});
  const terms = { ...(maxItems === undefined ? {} : { maxItems }), ...timed(ttlMs) };
  return written(ctx, ref, await ctx.memoryView.append(ref, 'append', given, terms), report);
}

async function search(
  ctx: PatternContext,
  { query, scope, scopeId, prefix, limit = 20 }: SearchParams,
  data: Value,
  report: Report,
): Promise<PatternResult> {
  const words = await memoryQuery(ctx, query, data);
  if (words === undefined) return refused(ctx, 'request.invalid', WRONG_QUERY);
  const names = await memoryNames(ctx, { scopeId, prefix }, data);
  if ('problem' in names) return refused(ctx, 'request.invalid', names.problem);
  const items = await ctx.memory.search(words, limit, { scope, ...names.found });
  report({ found: items.length }, words.slice(0, 100));
  return completed(inline({ items: items as unknown as Json }));
}

function written(
  ctx: PatternContext,
  { key }: MemoryRef,
  outcome: MemoryOutcome,
  report: Report,
  more: Record<string, Value> = {},
): PatternResult {
  if (!outcome.written) return refused(ctx, CODES[outcome.reason], outcome.message);
  report({ version: outcome.version }, key);
  return completed({ object: { key: inline(key), version: inline(outcome.version), ...more } });
}

const CODES = {
  conflict: 'memory.conflict',
  too_large: 'memory.too_large',
  not_a_list: 'memory.not_a_list',
  no_such_run: 'run.not_found',
} as const;

const refused = (ctx: PatternContext, code: string, message: string): PatternResult =>
  failed('memory_refused', NULL, { code, message, path: ctx.where });

const timed = (ttlMs: number | undefined) => (ttlMs === undefined ? {} : { ttlMs });
const isVersion = (value: Json): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;

async function placeOf(
  ctx: PatternContext,
  { scope, scopeId, key }: Pick<GetParams, 'scope' | 'scopeId' | 'key'>,
  data: Value,
): Promise<MemoryRef | { problem: string }> {
  const names = await memoryNames(ctx, { scopeId, key }, data);
  if ('problem' in names) return names;
  return { scope, key, ...names.found };
}
