import type { Select } from '../contracts/calls.js';
import type { Candidate } from '../contracts/candidates.js';

/** What a policy looks at. `queued` counts the calls of this worker that wait for a slot of the instance. */
export type CandidateLoad = Pick<
  Candidate,
  'instanceId' | 'maxConcurrency' | 'inFlight' | 'load' | 'latencyMs' | 'successRate'
> & {
  queued: number;
  /** How long nothing was learned of it; 0 unless said. */
  unheardMs?: number;
};

/** What an answer is expected to take of which nothing is known at all. */
const DEFAULT_LATENCY_MS = 100;
/** An instance that only failed is expected to take this much longer, not for ever: it must get a chance again. */
const LEAST_SUCCESS_RATE = 0.05;
/** How much longer an answer is expected to take with every slot taken: what is about as fast and idle goes first. */
const FULL_SLOWDOWN = 0.25;

/** What is known of a candidate that is never called fades, so that it gets a chance again (peak-EWMA's decay). */
const FADING_MS = 10_000;

/** How one policy scores; the lowest is the best. */
export interface Scorer {
  /** With nothing in flight; work never lowers it. */
  idle: (candidate: CandidateLoad) => number;
  /** With the work that the candidate has now. */
  loaded: (idle: number, candidate: CandidateLoad) => number;
  reason: (candidate: CandidateLoad, score: number) => string;
}

/** For every policy that scores; `round-robin` goes by turn. */
export function scorerOf(candidates: readonly CandidateLoad[], select: Exclude<Select, 'round-robin'>): Scorer {
  switch (select) {
    case 'expected-completion':
    case 'learned': // Where nothing was learned, or learning is off.
      return expectedCompletion(candidates);
    case 'least-busy':
      return leastBusy;
    case 'random':
      return { idle: () => 0, loaded: () => 0, reason: () => 'at random' };
  }
}

/**
 * EWMA × (1 + queue beyond slots ÷ slots + 0.25 × work ÷ slots) ÷ success rate; an unknown latency is the mean of the
 * known ones. What was learned fades with a time constant of 10 s while the candidate is not called.
 */
function expectedCompletion(candidates: readonly CandidateLoad[]): Scorer {
  let sumMs = 0;
  let known = 0;
  for (const { latencyMs } of candidates) {
    if (latencyMs === null) continue;
    sumMs += latencyMs;
    known += 1;
  }
  const meanMs = known > 0 ? sumMs / known : DEFAULT_LATENCY_MS;
  const success = (candidate: CandidateLoad) =>
    Math.max(faded(candidate.successRate ?? 1, 1, candidate), LEAST_SUCCESS_RATE);
  const answersIn = (candidate: CandidateLoad) =>
    Math.max(faded(candidate.latencyMs ?? meanMs, meanMs, candidate), 0.1);
  return {
    idle: (candidate) => answersIn(candidate) / success(candidate),
    loaded: (idle, candidate) => {
      const work = candidate.inFlight + candidate.queued;
      return idle * (1 + (beyondSlots(candidate) + FULL_SLOWDOWN * work) / candidate.maxConcurrency);
    },
    reason: (candidate, score) => {
      const { latencyMs, maxConcurrency } = candidate;
      const answer = latencyMs === null ? `unknown, mean ${round(meanMs)} ms` : `${round(answersIn(candidate))} ms`;
      const parts = [
        `answers in ${answer}`,
        busy(candidate),
        `${beyondSlots(candidate)} beyond ${maxConcurrency} slots`,
        `success ${Math.round(success(candidate) * 100)} %`,
      ];
      return `expected ${round(score)} ms: ${parts.join(', ')}`;
    },
  };
}

const leastBusy: Scorer = {
  // What the agent says of itself decides between instances that this platform keeps equally busy.
  idle: ({ load }) => (load ?? 0) / 1_000,
  loaded: (idle, { inFlight, queued, maxConcurrency }) => idle + (inFlight + queued) / maxConcurrency,
  reason: (candidate) => busy(candidate),
};

/** Between what was learned and what is usual, the nearer to the latter the longer ago that was. */
function faded(learned: number, usual: number, { unheardMs = 0 }: CandidateLoad): number {
  return usual + (learned - usual) * Math.exp(-unheardMs / FADING_MS);
}

const beyondSlots = ({ inFlight, queued, maxConcurrency }: CandidateLoad): number =>
  Math.max(0, inFlight + queued + 1 - maxConcurrency);

const busy = ({ inFlight, queued, maxConcurrency }: CandidateLoad): string =>
  `${inFlight + queued} of ${maxConcurrency} slots busy`;

const round = (value: number) => Math.round(value * 10) / 10;
