import type { AdaptiveOption, AdaptiveParams } from '../../contracts/adaptive.js';
import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { failed, type PatternResult } from '../lib/pattern-result.js';
import { holds } from '../lib/truth.js';
import { inline, NULL, plain } from '../lib/values.js';
import { draw, propensities, readOutcomes, SUMMARY } from './adaptive/choose-candidate.js';
import { checkOutput } from './check-output.js';
import { runTask } from './run-task.js';

/** Outcomes that are remembered of one key. */
const REMEMBERED = 500;
const REWARDS: Partial<Record<PatternResult['status'], number>> = { completed: 1, partial: 0.5 };

/**
 * One of several ways to do the task, chosen as it runs: by rule, or by what came of earlier choices. One that fails gives
 * way to another, once.
 */
export async function adaptive(outer: PatternContext, params: AdaptiveParams, given: Value): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const input = await ctx.input(params.input, given, { input: given });
  const able = await ableCandidates(ctx, params.candidates, input);
  const features =
    params.features === undefined ? null : (plain(await ctx.evaluate(params.features, input, {})) ?? null);
  const first = await choose(ctx, params, able, features);
  if (!first) {
    const message = 'none of the candidates can do it: no `when` holds';
    return failed('no_candidate', NULL, { code: 'agent.unavailable', message, path: ctx.where });
  }
  const perform = (option: AdaptiveOption) => performWith(ctx, params, option, input, features);
  const end = await perform(first);
  const others = able.filter((option) => option !== first);
  if (end.status !== 'failed' || !params.switch || others.length === 0 || ctx.stopped !== undefined)
    return checkOutput(ctx, end, params.outputSchema);

  const second = (await choose(ctx, { ...params, explore: 0 }, others, features, end)) as AdaptiveOption;
  const warnings = [`${first.name} failed: ${end.error?.message ?? end.terminationReason}; ${second.name} took over`];
  const switched = await perform(second);
  return checkOutput(ctx, { ...switched, warnings: [...warnings, ...switched.warnings] }, params.outputSchema);
}

async function ableCandidates(ctx: PatternContext, candidates: AdaptiveOption[], input: Value) {
  const able: AdaptiveOption[] = [];
  for (const option of candidates)
    if (option.when === undefined || holds(await placeOf(ctx, option).evaluate(option.when, input, { input })))
      able.push(option);
  return able;
}

const placeOf = (ctx: PatternContext, { name }: AdaptiveOption): PatternContext => ctx.at('candidates', name);

/** Undefined when there is nothing to choose from. `failed`: what the first choice came to. */
async function choose(
  ctx: PatternContext,
  { by, key, explore }: AdaptiveParams,
  able: AdaptiveOption[],
  features: Json,
  before?: PatternResult,
): Promise<AdaptiveOption | undefined> {
  const known = by === 'learned' && key !== undefined ? await recall(ctx, key, features) : undefined;
  const shares = known
    ? propensities(
        able.map(({ name }) => known.get(name)),
        explore,
      )
    : able.map((_, at) => Number(at === 0));
  const chosen = able.length === 0 ? undefined : able[known ? draw(shares, Math.random()) : 0];
  if (!chosen) return undefined;
  const names = able.map(({ name }) => name);
  const shownOutcomes = known && Object.fromEntries([...known].map(([name, outcomes]) => [name, { ...outcomes }]));
  ctx.decide({
    what: before ? 'switch' : 'pattern',
    rule: before ? `${by}, after ${before.terminationReason}` : by,
    candidates: names,
    scores: {
      propensities: Object.fromEntries(names.map((name, at) => [name, shares[at] ?? 0])),
      ...(features === null ? {} : { features }),
      ...(shownOutcomes && { outcomes: shownOutcomes }),
    },
    chosen: chosen.name,
  });
  return chosen;
}

async function performWith(
  ctx: PatternContext,
  { by, key }: AdaptiveParams,
  option: AdaptiveOption,
  input: Value,
  features: Json,
): Promise<PatternResult> {
  const place = placeOf(ctx, option);
  const end = await runTask(place, option, await place.input(option.input, input, { input }), option.name);
  const isKnown = end.status !== 'canceled' && end.status !== 'rejected' && end.status !== 'budget_exceeded';
  if (by === 'learned' && key !== undefined && isKnown && ctx.stopped === undefined) {
    const outcome = inline({ name: option.name, features, reward: REWARDS[end.status] ?? 0 });
    const kept = await place.memory.append(addressOf(key), 'outcome', outcome, { maxItems: REMEMBERED });
    if (!kept.written) return { ...end, warnings: [...end.warnings, `what came of it was not kept: ${kept.message}`] };
  }
  return end;
}

async function recall(ctx: PatternContext, key: string, features: Json) {
  const kept = await ctx.memory.get(addressOf(key));
  const outcomes = kept?.value ?? NULL;
  return readOutcomes(plain(await ctx.transform(SUMMARY, { object: { outcomes, features: inline(features) } })));
}

const addressOf = (key: string) => ({ scope: 'organisation' as const, key: `adaptive.${key}` });
