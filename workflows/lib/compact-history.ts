import type { ContextTerms } from '../../contracts/context.js';
import type { HistoryEntry } from './run-history.js';
import { toolGroups } from './tool-calls.js';

export interface Compacted {
  /** The newest that fit, in order. */
  kept: HistoryEntry[];
  /** The others, in order. */
  left: HistoryEntry[];
}

/** What `auto` chooses among, the most first. */
export const AUTO_CHOICES = ['all', 'summary', 'last', 'none'] as const;

/** The most that fits into `room` tokens; a summary only where somebody is there to make one. */
export function fittingPass(
  entries: readonly HistoryEntry[],
  { compaction }: Pick<ContextTerms, 'compaction'>,
  room: number,
): (typeof AUTO_CHOICES)[number] {
  if (sizeOf(entries) <= room) return 'all';
  if (typeof compaction === 'object' && room > 0) return 'summary';
  return sizeOf(lastOf(entries)) <= room ? 'last' : 'none';
}

export interface ChosenTerms {
  pass: Exclude<ContextTerms['pass'], 'auto'>;
}

/**
 * What the terms ask for, before its size is looked at; the names are those of steps, branches and roles. The last is one
 * output, or with what belongs to the same calls of tools.
 */
export function chosenHistory(entries: readonly HistoryEntry[], { pass }: ChosenTerms): HistoryEntry[] {
  if (pass === 'none') return [];
  if (pass === 'last') return lastOf(entries);
  if (pass === 'all' || pass === 'summary') return [...entries];
  return entries.filter(({ path, role }) => pass.includes(path.split('/').at(-1) ?? '') || pass.includes(role ?? ''));
}

/**
 * The newest entries within the size; `sliding-window` keeps the entries of one round together, `keep-tools` a call of a
 * tool and its answers.
 */
export function compactHistory(entries: HistoryEntry[], { maxTokens, compaction }: ContextTerms): Compacted {
  if (compaction === 'keep-tools') return keepTools(entries, maxTokens);
  let from = entries.length;
  let tokens = 0;
  while (from > 0) {
    const start = compaction === 'sliding-window' ? startOfRound(entries, from - 1) : from - 1;
    tokens += sizeOf(entries.slice(start, from));
    if (tokens > maxTokens) break;
    from = start;
  }
  return { kept: entries.slice(from), left: entries.slice(0, from) };
}

/** Tokens. */
export const sizeOf = (entries: readonly HistoryEntry[]): number =>
  entries.reduce((sum, { tokens }) => sum + tokens, 0);

function lastOf(entries: readonly HistoryEntry[]): HistoryEntry[] {
  const group = new Set(toolGroups(entries).at(-1));
  return entries.filter((_, position) => group.has(position));
}

function keepTools(entries: HistoryEntry[], maxTokens: number): Compacted {
  const groups = toolGroups(entries);
  const kept = new Set<number>();
  let tokens = 0;
  for (let position = entries.length - 1; position >= 0; position -= 1) {
    if (kept.has(position)) continue;
    const group = groups[position] ?? [];
    tokens += sizeOf(group.map((member) => entries[member] as HistoryEntry));
    if (tokens > maxTokens) break;
    for (const member of group) kept.add(member);
  }
  const isKept = (_: HistoryEntry, position: number) => kept.has(position);
  return { kept: entries.filter(isKept), left: entries.filter((entry, position) => !isKept(entry, position)) };
}

function startOfRound(entries: HistoryEntry[], last: number): number {
  const { round } = entries[last] as HistoryEntry;
  if (round === undefined) return last;
  let start = last;
  while (start > 0 && entries[start - 1]?.round === round) start -= 1;
  return start;
}
