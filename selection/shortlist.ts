import type { Select } from '../contracts/calls.js';
import { type CandidateLoad, scorerOf } from './scorer.js';

interface Entry<Load> {
  candidate: Load;
  /** The score it has when nothing is in flight. */
  idle: number;
}

/**
 * The candidates of one target ordered once, so that each of a thousand calls looks at few of them: by the score they
 * have when idle, equal ones at random. `choose` gives what is first in `rank` among those that are free.
 */
export class Shortlist<Load extends CandidateLoad> {
  private readonly entries: Entry<Load>[];
  private readonly loaded: (idle: number, candidate: Load) => number;

  /** For `round-robin` the candidates come in the order of their turns. */
  constructor(
    candidates: readonly Load[],
    private readonly select: Select,
    private readonly random: () => number,
  ) {
    if (select === 'round-robin') {
      this.entries = candidates.map((candidate) => ({ candidate, idle: 0 }));
      this.loaded = () => 0;
      return;
    }
    const { idle, loaded } = scorerOf(candidates, select);
    this.entries = candidates
      .map((candidate) => ({ candidate, idle: idle(candidate), tie: random() }))
      .sort((a, b) => a.idle - b.idle || a.tie - b.tie);
    this.loaded = loaded;
  }

  /** The best that is free now; `counter` says whose turn it is in `round-robin`. */
  choose(counter: number, free: (candidate: Load) => boolean): Load | undefined {
    if (this.select === 'round-robin') return this.firstFrom(counter, free);
    if (this.select === 'random') return this.firstFrom(Math.floor(this.random() * this.entries.length), free);
    let best: Load | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const { candidate, idle } of this.entries) {
      if (idle >= lowest) break; // Work never lowers a score: nobody behind is better.
      const score = this.loaded(idle, candidate);
      if (score >= lowest || !free(candidate)) continue;
      lowest = score;
      best = candidate;
    }
    return best;
  }

  private firstFrom(start: number, free: (candidate: Load) => boolean): Load | undefined {
    const { length } = this.entries;
    for (let turn = 0; turn < length; turn += 1) {
      const { candidate } = this.entries[(start + turn) % length] as Entry<Load>;
      if (free(candidate)) return candidate;
    }
    return undefined;
  }
}
