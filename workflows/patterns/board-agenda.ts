import type { Source } from '../../contracts/blackboard.js';
import type { Board } from './board.js';

/** What is known of a source during the run. */
export interface SourceState {
  source: Source;
  name: string;
  /** Its place among the sources. */
  index: number;
  underWay: boolean;
  /** Activations that count against its own limit: those whose writes were not refused as too late. */
  activations: number;
  calls: number;
  /** Revision of the board that its last activation read; -1 before the first. */
  readRevision: number;
  /** Milliseconds since the epoch from which it may act again. */
  readyAt: number;
  /** Places whose race it lost: it has its next turn at them alone. */
  claims: string[];
  failed: boolean;
  whenHeld?: { revision: number; holds: boolean };
  valued?: { revision: number; value: number | null };
}

export function startSource(source: Source, index: number): SourceState {
  const { name } = source;
  const state = { source, name, index, activations: 0, calls: 0, readRevision: -1, readyAt: 0, claims: [] };
  return { ...state, underWay: false, failed: false };
}

/**
 * Whether the source has anything to act upon: it is idle, within its limit, and the board has changed since it read
 * it. Without a `when` its own changes are no news to it, nor is what went: it would answer itself, or the cleaner, for ever.
 */
export function hasNews({ source, name, underWay, activations, readRevision }: SourceState, board: Board): boolean {
  if (underWay || activations >= (source.maxActivations ?? Infinity)) return false;
  if (readRevision < 0) return true;
  return board.changesSince(readRevision, source.when === undefined ? [name, 'cleaner', 'ttl'] : []).length > 0;
}

/**
 * Those of `states`, in order, that may start beside what is under way: of several that lost a race for the same place
 * one at a time, so that each of them gets through.
 */
export function withoutRaces(states: readonly SourceState[], underWay: readonly SourceState[]): SourceState[] {
  const claimed = new Set(underWay.flatMap(({ claims }) => claims));
  return states.filter(({ claims }) => {
    if (claims.some((place) => claimed.has(place))) return false;
    for (const place of claims) claimed.add(place);
    return true;
  });
}

/** Highest priority first, then the cheapest, then as declared. */
export const byPriority = (states: readonly SourceState[]): SourceState[] =>
  states.toSorted(
    (a, b) => b.source.priority - a.source.priority || a.source.cost - b.source.cost || a.index - b.index,
  );

/** The first one after the source that acted last, and so on around. */
export function byTurn(states: readonly SourceState[], lastIndex: number, total: number): SourceState[] {
  const distance = ({ index }: SourceState) => (index - lastIndex - 1 + total) % total;
  return states.toSorted((a, b) => distance(a) - distance(b));
}

/** Highest value less cost first, and only above zero; those that gave no valid value come last, by priority. */
export function byValue(states: readonly SourceState[]): SourceState[] {
  const gain = ({ valued, source }: SourceState) => (valued?.value == null ? -Infinity : valued.value - source.cost);
  const willing = states.filter((state) => state.valued?.value == null || gain(state) > 0);
  return byPriority(willing).sort((a, b) => (gain(a) === gain(b) ? 0 : gain(b) - gain(a)));
}
