import { CRASH_LOOP_AT, restartDelayMs, STABLE_MS } from './pool-plan.js';

/** When a pool may start processes again after some have failed. Times are milliseconds of a clock that goes forward. */
export class RestartPace {
  private failures = 0;
  private nextAt = 0;
  private last: string | undefined;

  /** One has ended unasked, so long after its start; `wasReady`: it had served its agent. */
  failed(now: number, livedMs: number, wasReady: boolean, how: string): void {
    this.failures = wasReady && livedMs >= STABLE_MS ? 0 : this.failures + 1;
    this.nextAt = now + restartDelayMs(this.failures);
    this.last = how;
  }

  /** One lives, and has lived so long. */
  lives(livedMs: number): void {
    if (livedMs >= STABLE_MS) this.reset();
  }

  reset(): void {
    [this.failures, this.nextAt, this.last] = [0, 0, undefined];
  }

  mayStart(now: number): boolean {
    return now >= this.nextAt;
  }

  waitMs(now: number): number {
    return Math.max(0, this.nextAt - now);
  }

  get isCrashLoop(): boolean {
    return this.failures >= CRASH_LOOP_AT;
  }

  /** Why there are fewer than there should be; undefined where nothing has failed. */
  reason(now: number): string | undefined {
    if (this.last === undefined || this.failures === 0) return this.last;
    const times = this.failures === 1 ? 'the last process' : `the last ${this.failures} processes`;
    return `${times} failed: ${this.last}; the next may start in ${Math.ceil(this.waitMs(now) / 1_000)} s`;
  }
}
