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
  if (select === 'round-robin') {
    const inTurn = candidates.toSorted((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
    const first = inTurn.length === 0 ? 0 : counter % inTurn.length;
    return [...inTurn.slice(first), ...inTurn.slice(0, first)].map((candidate, place) => ({
      candidate,
      score: place,
      reason: place === 0 ? 'its turn' : `${place} after its turn`,
    }));
  }
  const { score, reason } = scorerOf(candidates, select);
  return candidates
    .map((candidate) => ({ candidate, score: score(candidate), reason: reason(candidate), tie: random() }))
    .sort((a, b) => a.score - b.score || a.tie - b.tie)
    .map(({ candidate, score: value, reason: why }) => ({ candidate, score: value, reason: why }));
}

/**
 * The first of `rank` among those that are `free`, without ordering the others: one scan, so that a thousand calls over
 * a thousand instances stay cheap. For `round-robin` the candidates come ordered by instance id.
 */
export function choose<Load extends CandidateLoad>(
  candidates: readonly Load[],
  select: Select,
  { random, counter }: RankContext,
  free: (candidate: Load) => boolean,
): Load | undefined {
  if (select === 'round-robin') {
    for (let turn = 0; turn < candidates.length; turn++) {
      const candidate = candidates[(counter + turn) % candidates.length] as Load;
      if (free(candidate)) return candidate;
    }
    return undefined;
  }
  const { score } = scorerOf(candidates, select);
  let best: Load | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  let equals = 0;
  for (const candidate of candidates) {
    if (!free(candidate)) continue;
    const own = score(candidate);
    if (own > lowest) continue;
    equals = own < lowest ? 1 : equals + 1;
    lowest = own;
    if (equals === 1 || random() * equals < 1) best = candidate;
  }
  return best;
}

interface Scorer {
  score: (candidate: CandidateLoad) => number;
  reason: (candidate: CandidateLoad) => string;
}

function scorerOf(candidates: readonly CandidateLoad[], select: Exclude<Select, 'round-robin'>): Scorer {
  switch (select) {
    case 'expected-completion':
      return expectedCompletion(candidates);
    case 'least-busy':
      return leastBusy;
    case 'random':
      return { score: () => 0, reason: () => 'at random' };
  }
}

/** EWMA × (1 + queue beyond slots ÷ slots) ÷ success rate; an unknown latency is the mean of the known ones. */
function expectedCompletion(candidates: readonly CandidateLoad[]): Scorer {
  let sumMs = 0;
  let known = 0;
  for (const { latencyMs } of candidates) {
    if (latencyMs === null) continue;
    sumMs += latencyMs;
    known += 1;
  }
  const meanMs = known > 0 ? sumMs / known : DEFAULT_LATENCY_MS;
  const beyondSlots = ({ inFlight, queued, maxConcurrency }: CandidateLoad) =>
    Math.max(0, inFlight + queued + 1 - maxConcurrency);
  const success = ({ successRate }: CandidateLoad) => Math.max(successRate ?? 1, LEAST_SUCCESS_RATE);
  const score = (candidate: CandidateLoad) => {
    const expectedMs = Math.max(candidate.latencyMs ?? meanMs, 0.1);
    return (expectedMs * (1 + beyondSlots(candidate) / candidate.maxConcurrency)) / success(candidate);
  };
  const reason = (candidate: CandidateLoad) => {
    const { latencyMs, maxConcurrency } = candidate;
    const answer = latencyMs === null ? `unknown, mean ${round(meanMs)} ms` : `${round(latencyMs)} ms`;
    const parts = [
      `answers in ${answer}`,
      `${beyondSlots(candidate)} beyond ${maxConcurrency} slots`,
      `success ${Math.round(success(candidate) * 100)} %`,
    ];
    return `expected ${round(score(candidate))} ms: ${parts.join(', ')}`;
  };
  return { score, reason };
}

const leastBusy: Scorer = {
  // What the agent says of itself decides between instances that this platform keeps equally busy.
  score: ({ inFlight, queued, maxConcurrency, load }) => (inFlight + queued) / maxConcurrency + (load ?? 0) / 1_000,
  reason: ({ inFlight, queued, maxConcurrency }) => `${inFlight + queued} of ${maxConcurrency} slots busy`,
};

const round = (value: number) => Math.round(value * 10) / 10;
