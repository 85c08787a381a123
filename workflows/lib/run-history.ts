import type { AgentCall, CallResult } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import type { SizedCall } from './sized-call.js';
import { NULL, valueBytes } from './values.js';

/** An output that later work of the same pattern may be told. */
export interface HistoryEntry {
  path: string;
  role?: string;
  round?: number;
  output: Value;
  tokens: number;
  /** Calls of tools that it makes or answers. */
  toolIds?: string[];
}

export const tokensOf = (value: Value): number => Math.ceil(valueBytes(value) / BYTES_PER_TOKEN);

export const BYTES_PER_TOKEN = 4;
/** What surrounds an output: path, role, round. */
const ENTRY_TOKENS = 16;
/** They speak about work, and are no part of it. */
const ASIDE: readonly (string | undefined)[] = ['judge', 'summariser', 'compensation'];

/** The outputs of a run in the order they came, by the pattern that asked for them. */
export class RunHistory {
  private readonly entries = new Map<string, HistoryEntry[]>();

  of(pattern: string): readonly HistoryEntry[] {
    return this.entries.get(pattern) ?? [];
  }

  /** As it was in the history before this one. */
  restore(pattern: string, entries: HistoryEntry[]): void {
    this.entries.set(pattern, entries);
  }

  /** Later work of the pattern is told nothing of what it did until now. */
  forget(pattern: string): void {
    this.entries.delete(pattern);
  }

  /** Completed calls of the pattern; offers and asides are left out. */
  addCalls(pattern: string, calls: SizedCall[], outcomes: CallResult[][]): void {
    for (const [position, { call, following }] of calls.entries()) {
      const made = [call, ...following.map((next) => next.call)];
      for (const [turn, { status, output }] of (outcomes[position] ?? []).entries()) {
        const asked = made[turn];
        if (asked && status === 'completed' && isWork(asked)) this.add(pattern, asked, output ?? NULL);
      }
    }
  }

  add(pattern: string, { path, role, round }: Omit<HistoryEntry, 'output' | 'tokens'>, output: Value): void {
    const tokens = tokensOf(output) + ENTRY_TOKENS;
    const place = { path, ...(role === undefined ? {} : { role }), ...(round === undefined ? {} : { round }) };
    const known = this.entries.get(pattern) ?? [];
    known.push({ ...place, output, tokens });
    this.entries.set(pattern, known);
  }
}

const isWork = ({ kind, role }: Pick<AgentCall, 'kind' | 'role'>): boolean => kind !== 'bid' && !ASIDE.includes(role);
