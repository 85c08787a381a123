import type { Select } from '../contracts/calls.js';
import { type CandidateLoad, scorerOf } from './scorer.js';

interface Entry<Load> {
  candidate: Load;
  /** The score it has when nothing is in flight. */
  idle: number;
}

/** So much of the gain that a wait promises is believed: whoever waits is in the way of those who come next, too. */
const CAUTION = 3;
/** A wait for somebody who is not this much faster is not worth it. */
const WORTH_WAITING = 0.8;

export interface Wait<Load> {
  wanted: Load[];
  /** At most. */
  waitMs: number;
}

interface Standing<Load> {
  free: (candidate: Load) => boolean;
  /** Would take the call, now or later. */
  willing: (candidate: Load) => boolean;
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

  /**
   * The faster candidates whose slots are all taken, when one of them is worth waiting for rather than to take `best`,
   * which is free: as long as the call would still be over sooner. `place` is the caller's among those that wait, from 1.
   * The threshold rule for servers of unequal speed (W. Lin and P. R. Kumar, "Optimal control of a queueing system with
   * two heterogeneous servers", 1984).
   */
  worthWaiting(best: Load, place: number, { free, willing }: Standing<Load>): Wait<Load> | undefined {
    const first = this.entries[0];
    if (this.select !== 'expected-completion' || !first || first.candidate === best) return undefined;
    if (free(first.candidate)) return undefined;
    const score = this.entries.find(({ candidate }) => candidate === best)?.idle ?? 0;
    if (first.idle > WORTH_WAITING * score) return undefined;
    const wanted: Load[] = [];
    let slots = 0;
    let slotsPerMs = 0;
    for (const { candidate, idle } of this.entries) {
      if (idle >= score) break;
      if (free(candidate) || !willing(candidate)) continue;
      wanted.push(candidate);
      slots += candidate.maxConcurrency;
      slotsPerMs += candidate.maxConcurrency / idle;
    }
    if (slots === 0) return undefined;
    const answersIn = slots / slotsPerMs;
    return (CAUTION * place) / slotsPerMs + answersIn < score ? { wanted, waitMs: score - answersIn } : undefined;
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
