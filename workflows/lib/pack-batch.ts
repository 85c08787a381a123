import type { AgentCall, CallBatch, SharedTerms } from '../../contracts/run-workflow.js';
import { BATCH_BYTES, LONE_ACTIVITIES } from './limits.js';
import type { SizedCall } from './sized-call.js';

/** What packing has to know of a waiting call. */
export interface Packable {
  /** Besides the terms. */
  bytes: number;
  terms: object;
  termsBytes: number;
  /** Calls of one group are awaited together and share activities. */
  group?: object;
  /** Most calls that may share an activity with this one. */
  limit: number;
}

/**
 * How many calls from the head of the queue make the next batch: a group's calls together; single calls alone while
 * there is room for each of them below 50 activities, otherwise side by side. At most 128 KiB and as many as each of
 * them allows; at least one call whatever it weighs.
 */
export function nextBatchSize(queue: readonly Packable[], activitiesInFlight: number): number {
  const [head] = queue;
  if (!head) return 0;
  const shares = (call: Packable) => call.group === head.group;
  const run = queue.findIndex((call) => !shares(call));
  const candidates = run < 0 ? queue : queue.slice(0, run);
  if (!head.group && candidates.length <= LONE_ACTIVITIES - activitiesInFlight) return 1;
  const weigh = scale();
  let size = 0;
  let { limit } = head;
  for (const call of candidates) {
    limit = Math.min(limit, call.limit);
    const bytes = weigh(call);
    if (size > 0 && (size >= limit || bytes > BATCH_BYTES)) break;
    size += 1;
  }
  return size;
}

/** The bytes of calls that travel together. */
export function bytesOf(batch: readonly Packable[]): number {
  const weigh = scale();
  return batch.reduce((_, call) => weigh(call), 0);
}

/** The bytes of all that were weighed. */
function scale(): (call: Packable) => number {
  const seen = new Set<object>();
  let sum = 0;
  return ({ bytes, terms, termsBytes }) => {
    sum += bytes + (seen.has(terms) ? 0 : termsBytes);
    seen.add(terms);
    return sum;
  };
}

/** The calls as they travel: thousands of one task carry its terms once a batch. */
export function packed(batch: SizedCall[]): Pick<CallBatch, 'terms' | 'calls'> {
  const places = new Map<SharedTerms, number>();
  const placeOf = (terms: SharedTerms): number => {
    const place = places.get(terms) ?? places.size;
    places.set(terms, place);
    return place;
  };
  const calls = batch.map(({ call, terms, following }) => ({
    ...placed(call, placeOf(terms)),
    ...(following.length > 0 && {
      following: following.map((next) => ({ ...placed(next.call, placeOf(next.terms)), events: next.call.events })),
    }),
  }));
  return { terms: [...places.keys()], calls };
}

function placed<Input>(call: Omit<AgentCall, 'input'> & { input: Input }, terms: number) {
  const { key, path, input, context, role, round, pending } = call;
  return {
    key,
    path,
    input,
    terms,
    ...(context === undefined ? {} : { context }),
    ...(role === undefined ? {} : { role }),
    ...(round === undefined ? {} : { round }),
    ...(pending === undefined ? {} : { pending }),
  };
}
