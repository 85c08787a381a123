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
import { elements, inline } from './values.js';
import { recallMemory } from './recall-memory.js';

/** Calls that are about other calls are told nothing. */
export const UNTOLD: ContextTerms = { pass: 'none', maxTokens: 1, compaction: 'drop-oldest' };

interface ToldCall {
  target: CallTarget;
  input: Value;
}

/** What a call at `ctx` is told of earlier work and of shared memory, as part of its context; undefined when that is nothing. */
export async function passedContext(
  ctx: PatternContext,
  given: readonly HistoryEntry[],
  terms: ContextTerms,
  call: ToldCall,
): Promise<Record<string, Value> | undefined> {
  const { compaction, recall } = terms;
  const entries = compaction === 'keep-tools' && terms.pass !== 'none' ? await withToolIds(ctx, given) : given;
  const declared = await declaredRoom(ctx, entries, terms, call);
  const isSummarised = typeof compaction === 'object';
  const memories =
    recall && (await recallMemory(ctx, recall, { input: call.input, room: declared.room, isSummarised }));
  const room = Math.max(0, declared.room - (memories?.tokens ?? 0));
  const pass = terms.pass === 'auto' ? fitted(ctx, entries, terms, { ...declared, room }) : terms.pass;
  const chosen = chosenHistory(entries, { pass });
  if (chosen.length === 0 && !memories) return undefined;
  const { kept, left } =
    pass === 'summary' ? { kept: [], left: chosen } : compactHistory(chosen, { ...terms, maxTokens: room });
  const toSummarise = [...(memories?.left ? (elements(memories.left) ?? []) : []), ...asList(left)];
  const summary =
    toSummarise.length > 0 && isSummarised
      ? await summarised(ctx, toSummarise, { ...terms, maxTokens: room })
      : undefined;
  const omitted = left.length + (memories?.omitted ?? 0);
  return {
    ...(memories && { memory: memories.kept }),
    ...(summary && { summary }),
    ...(chosen.length > 0 && { history: { list: asList(kept) } }),
    ...(omitted > 0 && !summary && { omitted: inline(omitted) }),
  };
}

interface DeclaredRoom {
  room: number;
  /** As agents declare them, null where none does; undefined when nobody had to be asked. */
  sizes?: { context: number | null; input: number | null };
}

/** Tokens for all that is told: `maxTokens` and, under `auto`, what the agents declare to take in, less the input. */
async function declaredRoom(
  ctx: PatternContext,
  entries: readonly HistoryEntry[],
  { pass, maxTokens, recall }: ContextTerms,
  { target, input }: ToldCall,
): Promise<DeclaredRoom> {
  if (pass !== 'auto' || (entries.length === 0 && !recall)) return { room: maxTokens };
  if (entries.length === 1 && !recall && !patched('2026-11-context-fit')) return { room: maxTokens };
  const { tokens, inputTokens = null } = await ctx.contextRoom(target);
  const declared = [tokens, inputTokens].filter((size) => size !== null);
  const room = Math.max(0, Math.min(maxTokens, ...declared.map((size) => size - tokensOf(input))));
  return { room, sizes: { context: tokens, input: inputTokens } };
}

/** What `auto` comes to: the most of the history that fits. It is a decision. */
function fitted(
  ctx: PatternContext,
  entries: readonly HistoryEntry[],
  terms: ContextTerms,
  { room, sizes }: DeclaredRoom,
): ChosenTerms['pass'] {
  if (entries.length === 0) return 'none';
  if (!sizes) return 'last';
  const { context, input } = sizes;
  const pass = fittingPass(entries, terms, room);
  ctx.decide({
    what: 'context',
    rule: 'auto: the most that fits',
    candidates: [...AUTO_CHOICES],
    scores: {
      tokens: sizeOf(entries),
      room,
      ...(context === null ? {} : { context }),
      ...(input === null ? {} : { input }),
    },
    chosen: pass,
  });
  return pass;
}

/** Undefined when nobody summarised it, or in more than the whole may take: the call then goes without. */
async function summarised(ctx: PatternContext, list: Value[], { compaction, maxTokens }: ContextTerms) {
  if (typeof compaction !== 'object') return undefined;
  const task = { ...compaction.summarise, context: UNTOLD };
  const call = { key: 'context', task, input: { list }, role: 'summariser' };
  const { status, output } = await ctx.callOnce(call);
  return status === 'completed' && output && tokensOf(output) <= maxTokens ? output : undefined;
}

const asList = (entries: HistoryEntry[]): Value[] =>
  entries.map(({ path, role, round, output }) => ({
    object: {
      path: inline(path),
      ...(role === undefined ? {} : { role: inline(role) }),
      ...(round === undefined ? {} : { round: inline(round) }),
      output,
    },
  }));
