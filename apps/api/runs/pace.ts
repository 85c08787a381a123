const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/**
 * How long a woken reader waits before it looks again: not at all after a quiet second, twice as long each time under a
 * storm of notices, at most 1 s. `now` is in milliseconds.
 */
export function pace(): (now: number) => number {
  let pauseMs = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return (now) => {
    const sinceMs = now - lookedAt;
    pauseMs = sinceMs >= LONGEST_PAUSE_MS ? 0 : Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, pauseMs * 2));
    const waitMs = Math.max(0, pauseMs - sinceMs);
    lookedAt = now + waitMs;
    return waitMs;
  };
}
