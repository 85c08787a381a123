import { patched } from '@temporalio/workflow';
import type { ContextTerms } from '../../contracts/context.js';
import type { CallTarget } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import {
  AUTO_CHOICES,
  type ChosenTerms,
  chosenHistory,
  compactHistory,
  fittingPass,
  sizeOf,
} from './compact-history.js';
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
  const { pass, room } = terms.pass === 'auto' ? await fitted(ctx, entries, terms, { target, input }) : settled(terms);
  const chosen = chosenHistory(entries, { pass });
  if (chosen.length === 0) return undefined;
  const { kept, left } = pass === 'summary' ? { kept: [], left: chosen } : compactHistory(chosen, terms);
  const summary =
    left.length > 0 && typeof terms.compaction === 'object'
      ? await summarised(ctx, left, { ...terms, maxTokens: room })
      : undefined;
  return {
    ...(summary && { summary }),
    history: asList(kept),
    ...(left.length > 0 && !summary && { omitted: inline(left.length) }),
  };
}

const settled = ({ pass, maxTokens }: ContextTerms) => ({ pass: pass as ChosenTerms['pass'], room: maxTokens });

/**
 * What `auto` comes to: the most that fits into `maxTokens` and, with the input, into what the agents declare to take in,
 * as the size of their context and by the schema of their input. It is a decision.
 */
async function fitted(
  ctx: PatternContext,
  entries: readonly HistoryEntry[],
  terms: ContextTerms,
  { target, input }: { target: CallTarget; input: Value },
): Promise<{ pass: ChosenTerms['pass']; room: number }> {
  const { maxTokens } = terms;
  if (entries.length === 0) return { pass: 'none', room: maxTokens };
  if (entries.length === 1 && !patched('2026-11-context-fit')) return { pass: 'last', room: maxTokens };
  const { tokens: context, inputTokens = null } = await ctx.contextRoom(target);
  const declared = [context, inputTokens].filter((size) => size !== null);
  const room = Math.max(0, Math.min(maxTokens, ...declared.map((size) => size - tokensOf(input))));
  const pass = fittingPass(entries, terms, room);
  ctx.decide({
    what: 'context',
    rule: 'auto: the most that fits',
    candidates: [...AUTO_CHOICES],
    scores: {
      tokens: sizeOf(entries),
      room,
      ...(context === null ? {} : { context }),
      ...(inputTokens === null ? {} : { input: inputTokens }),
    },
    chosen: pass,
  });
  return { pass, room };
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
