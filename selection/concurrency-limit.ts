/** So much slower than usual an answer may be before it counts against the limit. */
const TOLERANCE = 1.5;
/** One answer moves the limit by this share of the way. */
const SMOOTHING = 0.2;
/** Answers that the usual latency is the mean of, and the one that is compared with it. */
const USUAL = 600;
/** Slowness becomes usual ten times later. */
const USUAL_WHILE_SLOW = 6_000;
const RECENT = 10;
/** How fast the usual latency follows when answers have become far quicker. */
const DRIFT = 0.95;
/** What is left of the calls under way when one of them was refused. */
const BACKOFF = 0.5;

/**
 * How many calls an instance is given at once: its declared slots, or fewer. A refusal (429) halves it, and answers raise
 * it again by one for each round of them (AIMD). Where it goes by latency, too, answers that are slower than usual lower it
 * until they are as quick as ever (Gradient2 of Netflix's concurrency-limits): what an instance queues inside of itself is
 * better off elsewhere.
 */
export class ConcurrencyLimit {
  /** Calls under way at once; a fraction of a call counts as one. */
  calls: number;
  private answers = 0;
  private usualMs = 0;
  private recentMs = 0;

  constructor(slots: number) {
    this.calls = slots;
  }

  /** `underWay`: calls when this one was refused, itself among them. */
  refused(underWay: number): void {
    this.calls = Math.max(1, Math.min(this.calls, underWay) * BACKOFF);
  }

  /** `slots` as they are declared now. */
  answered(slots: number, underWay: number, latencyMs?: number): void {
    const raised = underWay >= this.calls / 2 ? this.calls + 1 / this.calls : this.calls;
    const next = latencyMs === undefined ? raised : this.byLatency(slots, underWay, latencyMs);
    this.calls = Math.min(slots, Math.max(1, next));
  }

  private byLatency(slots: number, underWay: number, latencyMs: number): number {
    this.answers += 1;
    this.recentMs += (latencyMs - this.recentMs) / Math.min(this.answers, RECENT);
    const isSlow = this.recentMs > TOLERANCE * this.usualMs;
    this.usualMs += (latencyMs - this.usualMs) / Math.min(this.answers, isSlow ? USUAL_WHILE_SLOW : USUAL);
    if (this.usualMs > 2 * this.recentMs) this.usualMs *= DRIFT;
    // Who has little to do says nothing about how much it could do.
    if (underWay < this.calls / 2) return this.calls;
    const gradient = Math.max(0.5, Math.min(1, (TOLERANCE * this.usualMs) / this.recentMs));
    const room = Math.max(1, Math.sqrt(slots) / 2) / this.calls;
    return this.calls * (1 - SMOOTHING) + (this.calls * gradient + room) * SMOOTHING;
  }
}
