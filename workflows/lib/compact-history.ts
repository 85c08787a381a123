import type { ContextTerms } from '../../contracts/context.js';
import type { HistoryEntry } from './run-history.js';

export interface Compacted {
  /** The newest that fit, in order. */
  kept: HistoryEntry[];
  /** Older ones, in order. */
  left: HistoryEntry[];
}

/** What the terms ask for, before its size is looked at; the names are those of steps, branches and roles. */
export function chosenHistory(entries: readonly HistoryEntry[], { pass, maxTokens }: ContextTerms): HistoryEntry[] {
  if (pass === 'none') return [];
  if (pass === 'last') return entries.slice(-1);
  if (pass === 'auto') return sizeOf(entries) <= maxTokens ? [...entries] : entries.slice(-1);
  if (pass === 'all' || pass === 'summary') return [...entries];
  return entries.filter(({ path, role }) => pass.includes(path.split('/').at(-1) ?? '') || pass.includes(role ?? ''));
}

/** The newest entries within the size; `sliding-window` keeps the entries of one round together. */
export function compactHistory(entries: HistoryEntry[], { maxTokens, compaction }: ContextTerms): Compacted {
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

const sizeOf = (entries: readonly HistoryEntry[]): number => entries.reduce((sum, { tokens }) => sum + tokens, 0);

function startOfRound(entries: HistoryEntry[], last: number): number {
  const { round } = entries[last] as HistoryEntry;
  if (round === undefined) return last;
  let start = last;
  while (start > 0 && entries[start - 1]?.round === round) start -= 1;
  return start;
}
