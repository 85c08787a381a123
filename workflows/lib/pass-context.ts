import type { ContextTerms } from '../../contracts/context.js';
import type { Value } from '../../contracts/run-workflow.js';
import { chosenHistory, compactHistory } from './compact-history.js';
import type { PatternContext } from './pattern-context.js';
import type { HistoryEntry } from './run-history.js';
import { inline } from './values.js';

/** Calls that are about other calls are told nothing. */
export const UNTOLD: ContextTerms = { pass: 'none', maxTokens: 1, compaction: 'drop-oldest' };

/** What a call at `ctx` is told of earlier work, as part of its context; undefined when that is nothing. */
export async function passedContext(
  ctx: PatternContext,
  entries: readonly HistoryEntry[],
  terms: ContextTerms,
): Promise<Record<string, Value> | undefined> {
  const chosen = chosenHistory(entries, terms);
  if (terms.pass === 'auto' && entries.length > 1)
    ctx.decide({
      what: 'context',
      rule: 'auto: all when it fits',
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

/** Undefined when nobody summarised it: the call then goes without. */
async function summarised(ctx: PatternContext, entries: HistoryEntry[], { compaction }: ContextTerms) {
  if (typeof compaction !== 'object') return undefined;
  const task = { ...compaction.summarise, context: UNTOLD };
  const call = { key: 'context', task, input: asList(entries), role: 'summariser' };
  const { status, output } = await ctx.callOnce(call);
  return status === 'completed' ? output : undefined;
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
