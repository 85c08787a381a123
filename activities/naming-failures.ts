import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { BrikkError } from '../contracts/errors.js';

/**
 * Gives every failure of an activity its name: the code of a BrikkError becomes the type of an ApplicationFailure, which
 * is retried when the error table says that a repeat can help, no sooner than the error asks. Anything else is
 * `internal` and retried. Cancellation goes through.
 */
export function namingFailures<Activities extends object>(activities: Activities): Activities {
  return Object.fromEntries(
    Object.entries(activities as Record<string, (...args: unknown[]) => Promise<unknown>>).map(([name, activity]) => [
      name,
      (...args: unknown[]) => activity(...args).catch(rename),
    ]),
  ) as Activities;
}

function rename(error: unknown): never {
  if (error instanceof TemporalFailure) throw error;
  const cause = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof BrikkError))
    throw ApplicationFailure.create({ type: 'internal', message: cause.message, cause });
  throw ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !error.retryable,
    details: error.violations ?? [],
    cause,
    ...(error.retryAfterMs !== undefined && { nextRetryDelay: error.retryAfterMs }),
  });
}
