import type { PatternContext } from './pattern-context.js';
import type { HistoryEntry } from './run-history.js';
import { plain } from './values.js';

/**
 * The ids of calls of tools and of answers to them, anywhere in an output: messages of OpenAI's chat (`tool_calls`,
 * `tool_call_id`) and responses (`function_call`, `function_call_output`), of Anthropic (`tool_use`, `tool_result`), and of
 * the AI SDK (`toolCallId`).
 */
const TOOL_IDS = `[.. | objects
  | (.tool_calls | arrays | .[] | objects | .id), .tool_call_id, .tool_use_id, .toolCallId,
    (select(.type == "function_call" or .type == "function_call_output") | .call_id),
    (select(.type == "tool_use") | .id)
  | strings] | unique`;

/** The entries, each with the calls of tools that it makes or answers. */
export function withToolIds(ctx: PatternContext, entries: readonly HistoryEntry[]): Promise<HistoryEntry[]> {
  return Promise.all(
    entries.map(async (entry): Promise<HistoryEntry> => {
      const ids = plain(await ctx.transform(TOOL_IDS, entry.output));
      return { ...entry, toolIds: Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [] };
    }),
  );
}

/** For each entry the positions of all that belong together with it, by ids that they share; itself at least. */
export function toolGroups(entries: readonly HistoryEntry[]): number[][] {
  const groups = entries.map((_, position) => [position]);
  const seen = new Map<string, number>();
  for (const [position, { toolIds = [] }] of entries.entries())
    for (const id of toolIds) {
      const first = seen.get(id) ?? position;
      seen.set(id, first);
      merge(groups, first, position);
    }
  return groups;
}

function merge(groups: number[][], one: number, other: number): void {
  const [mine, theirs] = [groups[one], groups[other]];
  if (!mine || !theirs || mine === theirs) return;
  const both = [...mine, ...theirs].sort((a, b) => a - b);
  for (const position of both) groups[position] = both;
}
