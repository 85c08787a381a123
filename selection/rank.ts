import type { Select } from '../contracts/calls.js';
import { type CandidateLoad, scorerOf } from './scorer.js';

/** `score`: expected milliseconds, busy share, or place in turn, whatever the policy ranks by; the lowest is first. */
export interface Ranked<Load extends CandidateLoad = CandidateLoad> {
  candidate: Load;
  score: number;
  reason: string;
}

export interface RankContext {
  /** Uniform in [0, 1). */
  random: () => number;
  /** How often this target was asked before: whose turn it is in `round-robin`. */
  counter: number;
}

/**
 * Orders the instances that could take a call, the best first. Equal scores are ordered at random, so that workers
 * that know the same do not all choose the same instance.
 */
export function rank<Load extends CandidateLoad>(
  candidates: readonly Load[],
  select: Select,
  { random, counter }: RankContext,
): Ranked<Load>[] {
  if (select === 'round-robin') {
    const inTurn = candidates.toSorted((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
    const first = inTurn.length === 0 ? 0 : counter % inTurn.length;
    return [...inTurn.slice(first), ...inTurn.slice(0, first)].map((candidate, place) => ({
      candidate,
      score: place,
      reason: place === 0 ? 'its turn' : `${place} after its turn`,
    }));
  }
  const { idle, loaded, reason } = scorerOf(candidates, select);
  return candidates
    .map((candidate) => {
      const score = loaded(idle(candidate), candidate);
      return { candidate, score, reason: reason(candidate, score), tie: random() };
    })
    .sort((a, b) => a.score - b.score || a.tie - b.tie)
    .map(({ candidate, score, reason: why }) => ({ candidate, score, reason: why }));
}
