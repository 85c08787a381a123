import { backoffMs, pause } from './backoff.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import type { Contender } from './candidate-directory.js';

/** Between looks for an agent that cannot be reached. */
const LONGEST_LOOK_MS = 500;
/** A queued call looks so long for the last time, so that it ends at its deadline with what it has found. */
const LAST_LOOKS_MS = 3_000;
/** It pauses outside of the activity, the longer the more time it has: a day of waiting is some two thousand looks. */
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** How a call looks for agents that cannot be reached. */
export class Patience {
  private looks = 0;
  private since: number | undefined;

  constructor(
    private readonly room: CallRoom,
    private readonly terms: CallTerms,
    /** Of the call, milliseconds since the epoch. */
    private readonly endAt: number,
  ) {}

  /** Nobody has been reached since the last attempt that reached somebody. */
  get isTried(): boolean {
    return this.since !== undefined;
  }

  reached(isReached: boolean): void {
    this.since = isReached ? undefined : (this.since ?? Date.now());
  }

  /** Milliseconds after which a call that waits for whoever comes looks again, outside of the activity. */
  get queuedMs(): number | undefined {
    const longMs = Math.max((this.endAt - Date.now()) / 100, SHORTEST_PAUSE_MS);
    return this.terms.call.distribution?.policy === 'queued' ? Math.min(longMs, LONGEST_PAUSE_MS) : undefined;
  }

  /**
   * Waits for the next look; false when it has looked long enough. Agents that are known may be restarting; one that
   * nobody ever registered is not waited for beyond the retries.
   */
  async keeps(contenders: readonly Contender[]): Promise<boolean> {
    const { batch, call, signal } = this.terms;
    if (call.distribution?.policy === 'immediate') return false;
    this.looks += 1;
    this.since ??= Date.now();
    const known = contenders.length > 0 || (await this.room.registry.isKnown(batch.orgId, call.target));
    const patient = known
      ? Date.now() - this.since < this.room.unreachablePatienceMs
      : this.looks < call.retry.maxAttempts;
    const leftMs = this.endAt - Date.now();
    if (!patient && (this.queuedMs === undefined || leftMs > LAST_LOOKS_MS)) return false;
    await pause(Math.min(LONGEST_LOOK_MS, backoffMs(call.retry, this.looks, this.room.random), leftMs), signal);
    return true;
  }
}
