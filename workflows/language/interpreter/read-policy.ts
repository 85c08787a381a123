import type { DurationValue, RetryPolicy } from '../../../contracts/definition-parts.js';
import type { Value } from '../../../contracts/values.js';
import type { Variables } from '../../lib/evaluator.js';
import { readDuration } from './expressions.js';
import { fault } from './fault.js';
import type { Interpretation } from './interpretation.js';
import type { Place } from './place.js';
import { type RetryTerms, UNLIMITED_DELAY_MS } from './retry-policy.js';

/** A policy in place, or the one that `use.retries` has under this name. */
export function policyOf(run: Interpretation, place: Place, policy: RetryPolicy | string | undefined): RetryPolicy {
  if (typeof policy !== 'string') return policy ?? {};
  const found = run.definition.use?.retries?.[policy];
  if (found) return found;
  throw fault('configuration', place.pointer, { detail: `there is no retry policy ${policy} in use.retries` });
}

/** The policy with its durations read. Without any limit it tries until the run's time is over, once a second or slower. */
export async function retryTerms(
  place: Place,
  { delay, backoff = {}, limit = {}, jitter }: RetryPolicy,
  data: Value,
  variables: Variables,
): Promise<RetryTerms> {
  const read = (duration: DurationValue) => readDuration(place, duration, data, variables);
  const { count, duration: attempt } = limit.attempt ?? {};
  const isUnlimited = count === undefined && limit.duration === undefined;
  return {
    delayMs: delay === undefined ? (isUnlimited ? UNLIMITED_DELAY_MS : 0) : await read(delay),
    backoff: backoff.exponential ? 'exponential' : backoff.linear ? 'linear' : 'constant',
    ...(jitter ? { jitterMs: { from: await read(jitter.from), to: await read(jitter.to) } } : {}),
    maxRetries: count ?? Number.POSITIVE_INFINITY,
    withinMs: limit.duration === undefined ? Number.POSITIVE_INFINITY : await read(limit.duration),
    ...(attempt === undefined ? {} : { attemptMs: await read(attempt) }),
  };
}
