import { BrikkError } from '../contracts/errors.js';
import type { ConsolidatedRequest } from '../contracts/consolidation.js';
import type { PendingCall } from '../contracts/later-answers.js';
import type { DeferredCall, FinishedCall } from '../contracts/run-workflow.js';
import { contentHash } from '../database/canonical-json.js';
import type { AgentCallRun } from './agent-call.js';
import { pause } from './backoff.js';
import { tooLate } from './call-failures.js';
import { CallRecord } from './call-record.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import { inlineWhenSmall } from './claim-check.js';
import { whileUnavailable } from './while-unavailable.js';

/** A longer wait leaves the activity. */
const LONGEST_WAIT_MS = 2_000;
const LOOK_MS = 100;
/** Outside of the activity the pauses grow with the wait. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 3_000;

/**
 * A call that is sent once with all that are equal to it: the first of them is made as any other, the others take what
 * came of it as their own outcome, and cost nothing.
 */
export class ConsolidatedCall extends CallRecord {
  private readonly startedAt = Date.now();
  private readonly endAt: number;

  constructor(
    room: CallRoom,
    terms: CallTerms,
    private readonly windowMs: number,
    /** The call by itself. */
    private readonly make: () => Pick<AgentCallRun, 'run' | 'isHeld'>,
  ) {
    super(room, terms);
    this.endAt = Math.min(this.startedAt + terms.call.timeout.totalMs, terms.batch.deadlineAt);
  }

  async run(recorded: Promise<void>): Promise<FinishedCall | DeferredCall | PendingCall> {
    const { batch, call, signal } = this.terms;
    const request = await this.request();
    for (;;) {
      if (signal.aborted)
        return this.endUnasked(new BrikkError('agent.canceled', 'The call was canceled'), this.startedAt);
      if (Date.now() >= this.endAt) return this.endUnasked(tooLate(this.endAt - this.startedAt), this.startedAt);
      const standing = await whileUnavailable(signal, () => this.room.consolidation.join(batch.orgId, request));
      if (standing.leads) {
        const made = this.make();
        const outcome = await made.run(recorded);
        this.held = made.isHeld;
        return outcome;
      }
      await recorded;
      if (standing.answer) return this.take(standing.answer);
      const { waitedMs } = standing;
      if (waitedMs >= LONGEST_WAIT_MS)
        return {
          key: call.key,
          deferred: { afterMs: Math.min(Math.max(waitedMs / 4, FIRST_PAUSE_MS), LONGEST_PAUSE_MS) },
        };
      await pause(Math.min(LOOK_MS, this.endAt - Date.now()), signal);
    }
  }

  private async request(): Promise<ConsolidatedRequest> {
    const { room, windowMs } = this;
    const { batch, call } = this.terms;
    const { target, outputSchema = null, key: callKey } = call;
    const input = await room.payloads.materialise(batch.orgId, call.input);
    const context = call.context ? await room.payloads.materialise(batch.orgId, call.context) : null;
    return {
      runId: batch.runId,
      callKey,
      fingerprint: contentHash({ target, input, context, outputSchema }),
      windowMs,
    };
  }

  /** The outcome of the call that was sent, as this run's own. */
  private async take({ output, ...sent }: FinishedCall): Promise<FinishedCall> {
    const { batch, call, signal } = this.terms;
    const { key, path, role, round } = call;
    const json = output && (await this.room.payloads.materialise(batch.orgId, output));
    const store = () => this.room.payloads.store(batch.orgId, batch.runId, json ?? null);
    const own = json === undefined ? undefined : (inlineWhenSmall(json) ?? (await whileUnavailable(signal, store)));
    const now = Date.now();
    return this.write({
      ...sent,
      ...(own && { output: own }),
      key,
      path,
      role,
      round,
      attempts: 0,
      usage: { calls: 0 },
      queueMs: now - this.startedAt,
      execMs: 0,
      startedAt: new Date(this.startedAt),
    });
  }
}
