/** A retry policy with its durations read; milliseconds. */
export interface RetryTerms {
  delayMs: number;
  backoff: 'constant' | 'linear' | 'exponential';
  jitterMs?: { from: number; to: number };
  /** Retries at most. */
  maxRetries: number;
  /** From the first failure until the last retry begins. */
  withinMs: number;
  /** Of one retry. */
  attemptMs?: number;
}

const LONGEST_DELAY_MS = 24 * 3_600_000;
/** A policy without any limit must not spin. */
export const UNLIMITED_DELAY_MS = 1_000;

/** How long to wait before retry `retry`, counted from 1; `random` in [0, 1). */
export function delayBefore({ delayMs, backoff, jitterMs }: RetryTerms, retry: number, random: number): number {
  const factor = backoff === 'constant' ? 1 : backoff === 'linear' ? retry : 2 ** (retry - 1);
  const jitter = jitterMs ? jitterMs.from + random * Math.max(0, jitterMs.to - jitterMs.from) : 0;
  return Math.min(LONGEST_DELAY_MS, Math.round(delayMs * factor + jitter));
}

/** Whether retry `retry` may begin, `elapsedMs` after the first failure and `delay` still to come. */
export const mayRetry = ({ maxRetries, withinMs }: RetryTerms, retry: number, elapsedMs: number): boolean =>
  retry <= maxRetries && elapsedMs <= withinMs;
