import type { Recall } from '../../contracts/recall.js';
import type { Recalled, RecallRequest } from '../../contracts/memory-activities.js';
import type { Value } from '../../contracts/values.js';
import { ExpressionError } from './expression-error.js';
import { memoryNames, memoryQuery, WRONG_QUERY } from './memory-names.js';
import type { PatternContext } from './pattern-context.js';
import { BYTES_PER_TOKEN, tokensOf } from './run-history.js';

/** Names that one decision tells. */
const MOST_NAMES = 50;

export interface Memories extends Recalled {
  tokens: number;
}

/**
 * What a call is told of shared memory: a read of now, which this run's history keeps. It is a decision. Names that jq
 * makes and that are none end the run as other expressions do.
 */
export async function recallMemory(
  ctx: PatternContext,
  recall: Recall,
  { input, room, isSummarised }: { input: Value; room: number; isSummarised: boolean },
): Promise<Memories> {
  const request = await requestFor(ctx, recall, input);
  const maxBytes = Math.floor(room * BYTES_PER_TOKEN);
  const found = await ctx.recall({ ...request, maxBytes, maxLeftBytes: isSummarised ? MOST_LEFT_BYTES : 0 });
  const { names, omitted } = found;
  const tokens = names.length === 0 ? 0 : tokensOf(found.kept);
  ctx.decide({
    what: 'recall',
    rule: recall.keys ? 'keys' : recall.query === undefined ? 'prefix' : 'query',
    scores: { found: names.length + omitted, told: names.length, tokens, room },
    chosen: names.slice(0, MOST_NAMES),
  });
  return { ...found, tokens };
}

/** What a summary is made of. */
const MOST_LEFT_BYTES = 1_048_576;

async function requestFor(
  ctx: PatternContext,
  { scope, scopeId, prefix, keys, query, limit }: Recall,
  input: Value,
): Promise<Omit<RecallRequest, 'maxBytes' | 'maxLeftBytes'>> {
  const variables = { input: ctx.given };
  const fail = (problem: string) => new ExpressionError(`context.recall: ${problem}`, ctx.where);
  const listed = Object.fromEntries((keys ?? []).map((key, index) => [`keys[${index}]`, key]));
  const named = await memoryNames<string>(ctx, { scopeId, prefix, ...listed }, input, variables);
  if ('problem' in named) throw fail(named.problem);
  const { found } = named;
  const words = query === undefined ? undefined : await memoryQuery(ctx, query, input, variables);
  if (query !== undefined && words === undefined) throw fail(WRONG_QUERY);
  return {
    ...(scope && { scope }),
    ...(found['scopeId'] === undefined ? {} : { scopeId: found['scopeId'] }),
    ...(found['prefix'] === undefined ? {} : { prefix: found['prefix'] }),
    ...(keys && { keys: Object.keys(listed).map((name) => found[name] as string) }),
    ...(words === undefined ? {} : { query: words }),
    limit,
  };
}
