import type { Select } from '../contracts/calls.js';
import type { Candidate } from '../contracts/candidates.js';

/** What a policy looks at. `queued` counts the calls of this worker that wait for a slot of the instance. */
export type CandidateLoad = Pick<
  Candidate,
  'instanceId' | 'maxConcurrency' | 'inFlight' | 'load' | 'latencyMs' | 'successRate'
> & { queued: number };

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

/** What an answer is expected to take of which nothing is known at all. */
const DEFAULT_LATENCY_MS = 100;
/** An instance that only failed is expected to take this much longer, not for ever: it must get a chance again. */
const LEAST_SUCCESS_RATE = 0.05;

/**
 * Orders the instances that could take a call, the best first. Equal scores are ordered at random, so that workers
 * that know the same do not all choose the same instance.
 */
export function rank<Load extends CandidateLoad>(
  candidates: readonly Load[],
  select: Select,
  { random, counter }: RankContext,
): Ranked<Load>[] {
  switch (select) {
    case 'expected-completion':
      return byScore(candidates, random, expectedCompletion(candidates));
    case 'least-busy':
      return byScore(candidates, random, leastBusy);
    case 'random':
      return byScore(candidates, random, () => ({ score: 0, reason: 'at random' }));
    case 'round-robin': {
      const inTurn = candidates.toSorted((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
      const first = inTurn.length === 0 ? 0 : counter % inTurn.length;
      return [...inTurn.slice(first), ...inTurn.slice(0, first)].map((candidate, place) => ({
        candidate,
        score: place,
        reason: place === 0 ? 'its turn' : `${place} after its turn`,
      }));
    }
  }
}

type Scored = Pick<Ranked, 'score' | 'reason'>;

/** EWMA × (1 + queue beyond slots ÷ slots) ÷ success rate; an unknown latency is the mean of the known ones. */
function expectedCompletion(candidates: readonly CandidateLoad[]): (candidate: CandidateLoad) => Scored {
  const known = candidates.flatMap(({ latencyMs }) => latencyMs ?? []);
  const meanMs = known.length > 0 ? known.reduce((sum, ms) => sum + ms, 0) / known.length : DEFAULT_LATENCY_MS;
  return ({ latencyMs, inFlight, queued, maxConcurrency, successRate }) => {
    const expectedMs = Math.max(latencyMs ?? meanMs, 0.1);
    const beyondSlots = Math.max(0, inFlight + queued + 1 - maxConcurrency);
    const success = Math.max(successRate ?? 1, LEAST_SUCCESS_RATE);
    const score = (expectedMs * (1 + beyondSlots / maxConcurrency)) / success;
    const answer = latencyMs === null ? `unknown, mean ${round(meanMs)} ms` : `${round(latencyMs)} ms`;
    const reason = `expected ${round(score)} ms: answers in ${answer}, ${beyondSlots} beyond ${maxConcurrency} slots, success ${Math.round(success * 100)} %`;
    return { score, reason };
  };
}

function leastBusy({ inFlight, queued, maxConcurrency, load }: CandidateLoad): Scored {
  const busy = (inFlight + queued) / maxConcurrency;
  // What the agent says of itself decides between instances that this platform keeps equally busy.
  const score = busy + (load ?? 0) / 1_000;
  return { score, reason: `${inFlight + queued} of ${maxConcurrency} slots busy` };
}

function byScore<Load extends CandidateLoad>(
  candidates: readonly Load[],
  random: () => number,
  scoreOf: (candidate: CandidateLoad) => Scored,
): Ranked<Load>[] {
  return candidates
    .map((candidate) => ({ entry: { candidate, ...scoreOf(candidate) }, tie: random() }))
    .sort((a, b) => a.entry.score - b.entry.score || a.tie - b.tie)
    .map(({ entry }) => entry);
}

const round = (value: number) => Math.round(value * 10) / 10;
