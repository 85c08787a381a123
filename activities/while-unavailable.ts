import { BrikkError } from '../contracts/errors.js';
import { pause } from './backoff.js';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

/** Repeats the work while a dependency is down; every other failure goes through, and so does this one on abort. */
export async function whileUnavailable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BrikkError) || error.code !== 'dependency.unavailable' || signal.aborted) throw error;
      await pause(waitMs, signal);
    }
  }
}
