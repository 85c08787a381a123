import { ApplicationFailure } from '@temporalio/common';
import type { BrikkError, ErrorCode } from '../contracts/errors.js';
import type { EffectEnd } from '../contracts/connector-effects.js';

/** A system that is not available is asked so often. */
const MAX_SENDS = 5;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** Of a system that asks to wait and does not say how long. */
const UNTOLD_WAIT_MS = 60_000;
/** Those who wait for the same limit do not come back at once; never before what was asked for. */
const JITTER = 0.1;
export const HELD_WAIT_MS = 1_000;

export interface NextSend {
  state: EffectEnd['state'];
  /** Until the next send; undefined: there is none. */
  waitMs?: number;
}

/** Whether and when there is another send. Limits and open circuits are waited for as long as the run has time. */
export function afterFailure(
  { code, retryable, retryAfterMs }: Pick<BrikkError, 'code' | 'retryable' | 'retryAfterMs'>,
  { sends, deadlineAt }: { sends: number; deadlineAt: number },
  now = Date.now(),
  random = Math.random(),
): NextSend {
  if (!retryable) return { state: 'failed' };
  if (code === 'connector.unavailable') {
    const waitMs = Math.max(retryAfterMs ?? 0, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (sends - 1)));
    // Nobody knows whether it happened.
    return sends >= MAX_SENDS || now + waitMs >= deadlineAt ? { state: 'started' } : { state: 'started', waitMs };
  }
  const waitMs = Math.ceil((retryAfterMs ?? UNTOLD_WAIT_MS) * (1 + JITTER * random));
  return now + waitMs >= deadlineAt ? { state: 'failed' } : { state: 'waiting', waitMs };
}

/** Ends the activity; the engine begins it again after the wait. */
export const later = (type: ErrorCode, message: string, waitMs: number): ApplicationFailure =>
  ApplicationFailure.create({ type, message, nextRetryDelay: Math.max(1, waitMs) });
