import { CancellationScope, proxyLocalActivities } from '@temporalio/workflow';
import type { CallOutcome, RunActivities } from '../../contracts/run-workflow.js';
import type { RunRef } from '../../contracts/values.js';
import { SMALL_STEP } from './activity-options.js';
import { afterMicrotasks } from './after-microtasks.js';
import { canceledCall } from './call-outcomes.js';
import { followingOf } from './sized-call.js';
import type { Waiting } from './waiting-call.js';

/** What calls came to whose activity does not say it any more: it failed, or was given up. */
export class JournaledCalls {
  private wanted: Waiting[] = [];

  constructor(private readonly run: RunRef) {}

  /** Calls that follow one another keep what they did; those that did nothing, and that nobody wants, are canceled. */
  async settleChains(batch: Waiting[]): Promise<void> {
    const chains = batch.filter(({ settled, following }) => !settled && following.length > 0);
    if (chains.length > 0) await this.settle(chains);
  }

  /** Calls that are stopped keep what they have come to by now. Those that are stopped together are looked for together. */
  recall(calls: Waiting[]): void {
    for (const waiting of calls) waiting.isRecalled = true;
    const isFirst = this.wanted.length === 0;
    this.wanted.push(...calls);
    if (isFirst) afterMicrotasks(() => void CancellationScope.nonCancellable(() => this.settle(this.wanted.splice(0))));
  }

  private async settle(calls: Waiting[]): Promise<void> {
    const { orgId, runId } = this.run;
    const keys = calls.flatMap(({ call, following }) => [call.key, ...following.map((next) => next.call.key)]);
    const finished = await proxyLocalActivities<RunActivities>(SMALL_STEP).findOutcomes({ orgId, runId, keys });
    const byKey = new Map<string, CallOutcome>(finished.map((outcome) => [outcome.key, outcome]));
    for (const waiting of calls) {
      const first = byKey.get(waiting.call.key);
      if (first && 'status' in first) waiting.settle(first, followingOf(waiting, byKey));
      else if (waiting.unwanted) waiting.settle(canceledCall(waiting.call));
    }
  }
}
