import type { Select } from '../contracts/calls.js';
import type { Candidate } from '../contracts/candidates.js';
import { leftAfter, type TrackRecord } from './track-record.js';

/** What a policy looks at. `queued` counts the calls of this worker that wait for a slot of the instance. */
export type CandidateLoad = Pick<
  Candidate,
  'instanceId' | 'maxConcurrency' | 'inFlight' | 'load' | 'latencyMs' | 'successRate'
> & {
  /** US dollars a call, as the agent declares it; an agent that declares none costs nothing. */
  costUsd?: number | null;
  queued: number;
  /** What the caller itself has seen of it. */
  record?: TrackRecord;
  /** How long nothing was learned of it; 0 unless said. */
  unheardMs?: number;
};

/** What an answer is expected to take of which nothing is known at all. */
const DEFAULT_LATENCY_MS = 100;
/** An instance that only failed is expected to take this much longer, not for ever: it must get a chance again. */
const LEAST_SUCCESS_RATE = 0.05;
/** How much longer an answer is expected to take with every slot taken: what is about as fast and idle goes first. */
const FULL_SLOWDOWN = 0.25;
/** What others tell of a candidate counts as so many calls of one's own. */
const HEARSAY_CALLS = 1;

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
    case 'delegated': // Where the coordinator's choice is no help.
    case 'sticky': // Goes by keys; this is how it ranks what it has no key for.
      return expectedCompletion(candidates);
    case 'ewma-latency':
      return fastest(candidates);
    case 'lowest-cost':
      return cheapest(candidates);
    case 'least-busy':
      return leastBusy;
    case 'random':
      return { idle: () => 0, loaded: () => 0, reason: () => 'at random' };
  }
}

/**
 * Mean answer × (1 + queue beyond slots ÷ slots + 0.25 × work ÷ slots) ÷ success rate; an unknown latency is the mean of
 * the known ones. What the caller has seen itself weighs most. What was learned fades with a time constant of 10 s while
 * the candidate is not called.
 */
function expectedCompletion(candidates: readonly CandidateLoad[]): Scorer {
  let sumMs = 0;
  let known = 0;
  for (const { latencyMs, record } of candidates) {
    const ownMs = record !== undefined && record.answers > 0 ? record.sumMs / record.answers : latencyMs;
    if (ownMs === null) continue;
    sumMs += ownMs;
    known += 1;
  }
  const meanMs = known > 0 ? sumMs / known : DEFAULT_LATENCY_MS;
  const success = (candidate: CandidateLoad) => {
    const { record, successRate, unheardMs = 0 } = candidate;
    const left = leftAfter(unheardMs);
    const told = 1 + ((successRate ?? 1) - 1) * left;
    return Math.max(
      record ? mixed(record.answers * left, (record.answers + record.failures) * left, told) : told,
      LEAST_SUCCESS_RATE,
    );
  };
  const answersIn = (candidate: CandidateLoad) => {
    const { record, latencyMs, unheardMs = 0 } = candidate;
    const left = leftAfter(unheardMs);
    const toldMs = meanMs + ((latencyMs ?? meanMs) - meanMs) * left;
    return Math.max(record ? mixed(record.sumMs * left, record.answers * left, toldMs) : toldMs, 0.1);
  };
  return {
    idle: (candidate) => answersIn(candidate) / success(candidate),
    loaded: (idle, candidate) => {
      const work = candidate.inFlight + candidate.queued;
      return idle * (1 + (beyondSlots(candidate) + FULL_SLOWDOWN * work) / candidate.maxConcurrency);
    },
    reason: (candidate, score) => {
      const { latencyMs, maxConcurrency, record } = candidate;
      const isUnknown = latencyMs === null && !record?.answers;
      const answer = isUnknown ? `unknown, mean ${round(meanMs)} ms` : `${round(answersIn(candidate))} ms`;
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

/** By how soon an answer comes, whatever work is in hand. */
function fastest(candidates: readonly CandidateLoad[]): Scorer {
  const { idle } = expectedCompletion(candidates);
  return { idle, loaded: (score) => score, reason: (_, score) => `answers in ${round(score)} ms` };
}

/** A price is compared before any time: no call is expected to take so long. */
const LONGEST_MS = 1e9;
/** Of a US dollar: prices that differ by less are equal. */
const LEAST_PRICE = 1e-6;

/** By the declared price; equal ones by expected completion. */
function cheapest(candidates: readonly CandidateLoad[]): Scorer {
  const soonest = expectedCompletion(candidates);
  const priceOf = ({ costUsd }: CandidateLoad) => Math.round((costUsd ?? 0) / LEAST_PRICE) * LONGEST_MS;
  return {
    idle: (candidate) => priceOf(candidate) + Math.min(soonest.idle(candidate), LONGEST_MS / 2),
    loaded: (idle, candidate) => {
      const price = priceOf(candidate);
      return price + Math.min(soonest.loaded(idle - price, candidate), LONGEST_MS - 1);
    },
    reason: (candidate, score) =>
      `costs ${candidate.costUsd ?? 0} US dollars; ${soonest.reason(candidate, score - priceOf(candidate))}`,
  };
}

const leastBusy: Scorer = {
  // What the agent says of itself decides between instances that this platform keeps equally busy.
  idle: ({ load }) => (load ?? 0) / 1_000,
  loaded: (idle, { inFlight, queued, maxConcurrency }) => idle + (inFlight + queued) / maxConcurrency,
  reason: (candidate) => busy(candidate),
};

/** The mean of what was seen, `sum` over `calls`, and of what is told. */
const mixed = (sum: number, calls: number, told: number): number =>
  (sum + HEARSAY_CALLS * told) / (calls + HEARSAY_CALLS);

const beyondSlots = ({ inFlight, queued, maxConcurrency }: CandidateLoad): number =>
  Math.max(0, inFlight + queued + 1 - maxConcurrency);

const busy = ({ inFlight, queued, maxConcurrency }: CandidateLoad): string =>
  `${inFlight + queued} of ${maxConcurrency} slots busy`;

const round = (value: number) => Math.round(value * 10) / 10;
