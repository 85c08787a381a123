/** What was seen of an instance counts a third after so long: a bad minute is not for ever (the τ of peak-EWMA). */
export const FADING_MS = 10_000;
/** And no more calls than that count, so that what changes shows at once where a lot is called. */
const MOST_CALLS = 100;

/** What one caller has seen of an instance in a capability; the older, the less it counts. */
export class TrackRecord {
  /** As they count at `at`. */
  answers = 0;
  failures = 0;
  /** Of the answers; how fast something failed says nothing about how long the work takes. */
  sumMs = 0;
  /** Milliseconds since the epoch. */
  at = 0;

  learn(succeeded: boolean, latencyMs: number, now: number): void {
    const calls = this.answers + this.failures;
    this.keep(Math.min(leftAfter(now - this.at), (MOST_CALLS - 1) / Math.max(calls, 1)));
    this.at = now;
    if (succeeded) {
      this.answers += 1;
      this.sumMs += latencyMs;
    } else this.failures += 1;
  }

  /** What was seen counts as so many calls at most. */
  forgive(calls: number): void {
    this.keep(Math.min(1, calls / Math.max(this.answers + this.failures, 1)));
  }

  private keep(share: number): void {
    this.answers *= share;
    this.failures *= share;
    this.sumMs *= share;
  }
}

/** How much counts of what was seen so long ago. */
export const leftAfter = (ms: number): number => Math.exp(-Math.max(0, ms) / FADING_MS);
