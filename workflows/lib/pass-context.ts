import type { ContextTerms } from '../../contracts/context.js';
import type { CallTarget } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import { chosenHistory, compactHistory } from './compact-history.js';
import type { PatternContext } from './pattern-context.js';
import { type HistoryEntry, tokensOf } from './run-history.js';
import { withToolIds } from './tool-calls.js';
import { inline } from './values.js';

/** Calls that are about other calls are told nothing. */
export const UNTOLD: ContextTerms = { pass: 'none', maxTokens: 1, compaction: 'drop-oldest' };

/** What a call at `ctx` is told of earlier work, as part of its context; undefined when that is nothing. */
export async function passedContext(
  ctx: PatternContext,
  given: readonly HistoryEntry[],
  terms: ContextTerms,
  { target, input }: { target: CallTarget; input: Value },
): Promise<Record<string, Value> | undefined> {
  const entries = terms.compaction === 'keep-tools' && terms.pass !== 'none' ? await withToolIds(ctx, given) : given;
  const isOpen = terms.pass === 'auto' && entries.length > 1;
  const declared = isOpen ? await ctx.contextRoom(target) : null;
  const room = declared === null ? terms.maxTokens : Math.min(terms.maxTokens, declared - tokensOf(input));
  const chosen = chosenHistory(entries, terms, room);
  if (isOpen)
    ctx.decide({
      what: 'context',
      rule: 'auto: all when it fits',
      scores: { tokens: entries.reduce((sum, { tokens }) => sum + tokens, 0), room },
      chosen: chosen.length === entries.length ? 'all' : 'last',
    });
  if (chosen.length === 0) return undefined;
  const { kept, left } = terms.pass === 'summary' ? { kept: [], left: chosen } : compactHistory(chosen, terms);
  const summary =
    left.length > 0 && typeof terms.compaction === 'object' ? await summarised(ctx, left, terms) : undefined;
  return {
    ...(summary && { summary }),
    history: asList(kept),
    ...(left.length > 0 && !summary && { omitted: inline(left.length) }),
  };
}

/** Undefined when nobody summarised it, or in more than the whole may take: the call then goes without. */
async function summarised(ctx: PatternContext, entries: HistoryEntry[], { compaction, maxTokens }: ContextTerms) {
  if (typeof compaction !== 'object') return undefined;
  const task = { ...compaction.summarise, context: UNTOLD };
  const call = { key: 'context', task, input: asList(entries), role: 'summariser' };
  const { status, output } = await ctx.callOnce(call);
  return status === 'completed' && output && tokensOf(output) <= maxTokens ? output : undefined;
}

const asList = (entries: HistoryEntry[]): Value => ({
  list: entries.map(({ path, role, round, output }) => ({
    object: {
      path: inline(path),
      ...(role === undefined ? {} : { role: inline(role) }),
      ...(round === undefined ? {} : { round: inline(round) }),
      output,
    },
  })),
});
