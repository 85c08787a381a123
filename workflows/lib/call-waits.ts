import { CancellationScope, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type { RunActivities } from '../../contracts/run-workflow.js';
import type { RunRef } from '../../contracts/values.js';
import { SMALL_STEP } from './activity-options.js';
import type { StopScope } from './stop-scope.js';

/** How a wait for an agent's answer ended: it came, its time is over, or nobody waits any longer. */
type WaitEnd = 'answered' | 'due' | 'stopped';

/** Calls that wait outside of activities: for an agent to be free, or for an answer that comes later. */
export class CallWaits {
  /** Calls that wait now. */
  count = 0;
  /** Calls whose answers have come, also such that nobody waits for yet. */
  private readonly arrived = new Set<string>();
  private readonly awaited = new Map<string, () => void>();
  private lost: string[] = [];
  private withdrawing: Promise<void> | undefined;

  constructor(private readonly run: RunRef) {}

  /** Waits so long; false when `scope` is stopped first. */
  async pass(ms: number, scope: StopScope): Promise<boolean> {
    const timer = new CancellationScope();
    const forget = scope.onStop(() => timer.cancel());
    this.count += 1;
    try {
      await timer.run(() => sleep(ms));
      return true;
    } catch {
      return false; // Only a stop cancels this timer.
    } finally {
      this.count -= 1;
      forget();
    }
  }

  /** An answer is on record. Notices may come twice, and before anybody waits. */
  notice(key: string): void {
    this.arrived.add(key);
    this.awaited.get(key)?.();
  }

  /** Waits for the answer to a call until `dueAt`; a call that is stopped is recorded as it stands. */
  async answer(key: string, dueAt: number, scope: StopScope): Promise<WaitEnd> {
    let end = 'due' as WaitEnd;
    const timer = new CancellationScope();
    const endBy = (reason: WaitEnd) => {
      end = reason;
      timer.cancel();
    };
    const forget = scope.onStop(() => endBy('stopped'));
    this.count += 1;
    this.awaited.set(key, () => endBy('answered'));
    try {
      if (this.arrived.delete(key)) return 'answered';
      await timer.run(() => sleep(Math.max(1, dueAt - Date.now())));
    } catch {
      // The timer was ended; `end` says by what.
    } finally {
      this.count -= 1;
      this.awaited.delete(key);
      this.arrived.delete(key);
      forget();
    }
    if (end === 'stopped') this.withdraw(key);
    return end;
  }

  /** An agent has the call, and nobody waits for its answer any longer. */
  withdraw(key: string): void {
    this.lost.push(key);
    this.withdrawing ??= CancellationScope.nonCancellable(() => this.recordLost());
  }

  /** Until what was withdrawn is on record; undefined when there is nothing to wait for. */
  get withdrawn(): Promise<void> | undefined {
    return this.withdrawing;
  }

  private async recordLost(): Promise<void> {
    await Promise.resolve(); // Those that are stopped together are recorded together.
    while (this.lost.length > 0) {
      const keys = this.lost;
      this.lost = [];
      const { orgId, runId } = this.run;
      await proxyLocalActivities<RunActivities>(SMALL_STEP).withdrawCalls({ orgId, runId, keys });
    }
    this.withdrawing = undefined;
  }
}
