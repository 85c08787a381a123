import type { Aggregate, ConcurrentParams } from '../../contracts/concurrent.js';
import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { completed, failed, fromCall, isUsable, type PatternResult } from '../lib/pattern-result.js';
import { inline, NULL, plain, plainList } from '../lib/values.js';
import { aggregateVotes } from './aggregate-votes.js';
import { mergeObjects } from './merge-objects.js';
import { statistic } from './numeric.js';
import type { BranchResult } from './run-branches.js';

/**
 * Makes one output of the branches that completed, at least one, in declaration order. `slots` are the outputs by
 * position with null for gaps. An output that does not suit the aggregator ends `failed` with reason `invalid_output`.
 */
export async function aggregate(
  ctx: PatternContext,
  { aggregate: how }: Pick<ConcurrentParams, 'aggregate'>,
  usable: BranchResult[],
  slots: Value[],
  input: Value,
): Promise<PatternResult> {
  const outputs = usable.map(({ result }) => result.output);
  const list: Value = { list: outputs };
  if (how === 'collect') return completed({ list: slots });
  if (how === 'concat') return concat(ctx, outputs, list);
  if ('merge' in how) return merge(ctx, how.merge.onConflict, usable);
  if ('vote' in how) return aggregateVotes(ctx, how, usable);
  if ('numeric' in how) return numeric(ctx, how.numeric, usable);
  if ('best' in how) return best(ctx, how.best, usable, input);
  if ('reduce' in how) return reduce(ctx, how.reduce, list);
  return completed(await ctx.evaluate(how.expr, list, { input }));
}

/** What cannot be aggregated: kept as a list, with the reason. */
export function unsuitable(ctx: PatternContext, outputs: Value[], message: string): PatternResult {
  return failed('invalid_output', { list: outputs }, { code: 'agent.invalid_output', message, path: ctx.where });
}

/** Texts become one text, lists one list; a single other value is an element of the list. */
async function concat(ctx: PatternContext, outputs: Value[], list: Value): Promise<PatternResult> {
  const known = plainList(outputs);
  if (!known) {
    const joined = 'if all(.[]; type == "string") then add else map(if type == "array" then .[] else . end) end';
    return completed(await ctx.transform(joined, list));
  }
  if (known.every((output) => typeof output === 'string')) return completed(inline(known.join('')));
  return completed(inline(known.flatMap((output): Json[] => (Array.isArray(output) ? output : [output]))));
}

async function merge(
  ctx: PatternContext,
  onConflict: 'error' | 'first' | 'last' | 'highestScore',
  usable: BranchResult[],
): Promise<PatternResult> {
  const outputs = usable.map(({ result }) => result.output);
  const known = plainList(outputs);
  if (!known) return mergeStored(ctx, onConflict, usable);
  const parts = usable.flatMap(({ result }, position) => {
    const fields = known[position];
    const isObject = fields !== null && typeof fields === 'object' && !Array.isArray(fields);
    return isObject ? [{ fields: fields as Record<string, Json>, score: result.confidence ?? 0 }] : [];
  });
  if (parts.length < usable.length) return unsuitable(ctx, outputs, 'merge needs outputs that are objects');
  const { merged, conflicts } = mergeObjects(parts, onConflict);
  if (conflicts.length > 0) {
    ctx.decide({ what: 'merge', rule: `conflict: ${onConflict}`, candidates: conflicts.slice(0, 100) });
    if (onConflict === 'error')
      return unsuitable(ctx, outputs, `the outputs differ in ${conflicts.slice(0, 10).join(', ')}`);
  }
  return completed(inline(merged));
}

/** Large objects are merged where they are stored. */
async function mergeStored(
  ctx: PatternContext,
  onConflict: 'error' | 'first' | 'last' | 'highestScore',
  usable: BranchResult[],
): Promise<PatternResult> {
  const outputs = usable.map(({ result }) => result.output);
  // The last one to be added wins, so the order says who that is.
  const byScore = usable.toSorted((one, other) => (one.result.confidence ?? 0) - (other.result.confidence ?? 0));
  const order =
    onConflict === 'highestScore'
      ? byScore.map(({ result }) => result.output)
      : onConflict === 'last'
        ? outputs
        : outputs.toReversed();
  const suits = plain(await ctx.transform('all(.[]; type == "object")', { list: outputs }));
  if (suits !== true) return unsuitable(ctx, outputs, 'merge needs outputs that are objects');
  if (onConflict === 'error') {
    const differing = 'map(to_entries[]) | group_by(.key) | map(select(map(.value) | unique | length > 1) | .[0].key)';
    const conflicts = plain(await ctx.transform(`${differing} | .[:10]`, { list: outputs })) as string[];
    if (conflicts.length > 0) return unsuitable(ctx, outputs, `the outputs differ in ${conflicts.join(', ')}`);
  }
  return completed(await ctx.transform('add', { list: order }));
}

function numeric(
  ctx: PatternContext,
  kind: 'mean' | 'median' | 'trimmed' | 'min' | 'max',
  usable: BranchResult[],
): PatternResult {
  const values = usable.map(({ result }) => plain(result.output));
  const wrong = usable.find((_, position) => typeof values[position] !== 'number');
  const outputs = usable.map(({ result }) => result.output);
  if (wrong) return unsuitable(ctx, outputs, `numeric needs numbers, and ${wrong.branch.name} gave another value`);
  const value = statistic(kind, values as number[]);
  ctx.decide({ what: 'aggregate', rule: `numeric ${kind} of ${values.length}`, chosen: value });
  return completed(inline(value));
}

async function best(ctx: PatternContext, expression: string, usable: BranchResult[], input: Value) {
  const scores = await Promise.all(
    usable.map(async ({ result, branch }) =>
      plain(await ctx.evaluate(expression, result.output, { ...branch.variables, input })),
    ),
  );
  const numbers = scores.map((score) => (typeof score === 'number' ? score : Number.NEGATIVE_INFINITY));
  const at = numbers.indexOf(Math.max(...numbers));
  const winner = usable[at] as BranchResult;
  ctx.decide({
    what: 'aggregate',
    rule: 'best: highest score, then declaration order',
    candidates: usable.slice(0, 100).map(({ branch }) => branch.name),
    scores: scores.slice(0, 100).map((score) => score ?? null),
    chosen: winner.branch.name,
  });
  const { result } = winner;
  return { ...completed(result.output), confidence: result.confidence };
}

async function reduce(
  ctx: PatternContext,
  task: Extract<Aggregate, { reduce: object }>['reduce'],
  list: Value,
): Promise<PatternResult> {
  const place = ctx.at('reduce');
  const result = fromCall(await place.callAgent({ key: '', task, input: list, role: 'reducer' }), place.where);
  return isUsable(result) ? result : { ...result, output: result.output === NULL ? list : result.output };
}
