import { BrikkError } from '../contracts/errors.js';
import { pause } from './backoff.js';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

/** Repeats the work while a dependency is down; every other failure goes through, and so does this one on abort. */
export function whileUnavailable<T>(signal: AbortSignal, work: () => Promise<T>, waitMs = FIRST_WAIT_MS): Promise<T> {
  return work().catch(async (error: unknown) => {
    if (!(error instanceof BrikkError) || error.code !== 'dependency.unavailable' || signal.aborted) throw error;
    await pause(waitMs, signal);
    return whileUnavailable(signal, work, Math.min(waitMs * 2, LONGEST_WAIT_MS));
  });
}
