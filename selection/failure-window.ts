const WINDOW_MS = 10_000;
const FEWEST_CALLS = 5;
/** The latest that are looked at. */
const MOST_CALLS = 200;
const FAILURE_SHARE = 0.5;
const CONNECTION_ERRORS = 3;

/** When a breaker opens: 5 or more calls with half of them failed in 10 s, or 3 connection errors in a row. */
export class FailureWindow {
  private readonly calls: { at: number; failed: boolean }[] = [];
  /** Of these calls. */
  private failures = 0;
  private connectionErrors = 0;

  /** Whether the breaker opens with this call. `now`: milliseconds since the epoch. */
  add(end: 'succeeded' | 'failed' | 'unreachable', now: number): boolean {
    const { calls } = this;
    while (calls[0] && (now - calls[0].at >= WINDOW_MS || calls.length >= MOST_CALLS))
      if (calls.shift()?.failed) this.failures -= 1;
    const failed = end !== 'succeeded';
    calls.push({ at: now, failed });
    if (failed) this.failures += 1;
    this.connectionErrors = end === 'unreachable' ? this.connectionErrors + 1 : 0;
    if (this.connectionErrors >= CONNECTION_ERRORS) return true;
    return calls.length >= FEWEST_CALLS && this.failures / calls.length >= FAILURE_SHARE;
  }
}
