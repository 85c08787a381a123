import type { Retry } from '../contracts/calls.js';

/** Milliseconds before round `round` (1 is the first repeat): exponential, bounded, spread by the jitter either way. */
export function backoffMs({ initialMs, factor, maxMs, jitter }: Retry, round: number, random: () => number): number {
  const plain = Math.min(maxMs, initialMs * factor ** Math.min(round - 1, 100));
  return Math.round(plain * (1 + jitter * (2 * random() - 1)));
}

/** Ends early, without failing, when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
