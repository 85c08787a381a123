import { condition, proxyLocalActivities } from '@temporalio/workflow';
import type {
  ApprovalActivities,
  ApprovalClosing,
  ApprovalState,
  ApprovalVerdict,
  NewApproval,
} from '../../contracts/approval-activities.js';
import type { RunInput } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import { SMALL_STEP } from './activity-options.js';
import type { EventBuffer } from './event-buffer.js';
import type { StopScope } from './stop-scope.js';
import { NULL } from './values.js';

/** Who is asked how long; later ones are asked when the earlier ones did not decide in time. */
export interface Stage {
  assignees: string[];
  dueMs: number;
}

export interface Question extends Omit<NewApproval, 'assignees' | 'onTimeout' | 'dueAt'> {
  /** At least one. */
  stages: Stage[];
  /** When the last stage is over. */
  atLast: 'approve' | 'reject';
}

/** What a person said, or time in their stead; `stopped` when the work that asked was given up. */
export type Ruling =
  { kind: 'approved' } | { kind: 'answered'; data: Value } | { kind: 'rejected'; why: string } | { kind: 'stopped' };

/** The questions of a run to persons. What the workflow waits for is in Postgres before it waits. */
export class Approvals {
  private readonly verdicts = new Map<string, ApprovalVerdict>();
  private open = 0;
  private isShown = false;

  constructor(
    private readonly run: RunInput,
    /** That of the whole run. */
    private readonly runScope: StopScope,
    private readonly events: EventBuffer,
    private readonly flush: () => Promise<void>,
    private readonly shown: { waits: number },
  ) {}

  get pending(): number {
    return this.open;
  }

  /** Whether the run's stream says that it waits. */
  get waitIsShown(): boolean {
    return this.isShown;
  }

  showWait(): void {
    this.isShown = true;
    this.shown.waits += 1;
    this.events.add(`wait/${this.shown.waits}`, 'run.waiting', {});
  }

  /** At once, so that the run is running again when the call that a decision leads to goes out. */
  endWait(): void {
    if (!this.isShown) return;
    this.isShown = false;
    this.events.add(`wait/${this.shown.waits}/over`, 'run.resumed', {});
  }

  /** A delivery may come twice: the first stands. */
  settle(verdict: ApprovalVerdict): void {
    if (!this.verdicts.has(verdict.key)) this.verdicts.set(verdict.key, verdict);
  }

  /** Waits for a person, through all stages, until `scope` is stopped or the run's deadline. */
  async ask({ stages, atLast, ...asked }: Question, scope: StopScope): Promise<Ruling> {
    const { orgId, runId } = this.run;
    const ref = { orgId, runId };
    const timeoutOf = (level: number) => (level < stages.length - 1 ? ('escalate' as const) : atLast);
    let { assignees, dueMs } = stages[0] as Stage;
    await this.flush();
    if (scope.reason !== undefined) return { kind: 'stopped' };
    const { openApproval } = proxyLocalActivities<ApprovalActivities>(SMALL_STEP);
    let dueAt = Date.now() + dueMs;
    let state = await openApproval({ ...ref, approval: { ...asked, assignees, onTimeout: timeoutOf(0), dueAt } });
    this.open += 1;
    try {
      for (let level = 0; state.status === 'pending'; level += 1) {
        const ended = await this.wait(asked.key, dueAt, scope);
        if (typeof ended !== 'string') return rulingOf({ status: 'pending', verdict: ended });
        const next = stages[level + 1];
        if (ended === 'stopped') return await this.giveUp(asked.key);
        if (next === undefined) {
          state = await this.close(asked.key, { kind: 'expire', outcome: atLast });
          continue;
        }
        assignees = [...new Set([...assignees, ...next.assignees])];
        dueMs = next.dueMs;
        dueAt = Date.now() + dueMs;
        const onTimeout = timeoutOf(level + 1);
        state = await this.close(asked.key, { kind: 'escalate', level: level + 1, assignees, onTimeout, dueAt });
      }
      return rulingOf(state);
    } finally {
      this.open -= 1;
      this.endWait();
    }
  }

  private async wait(key: string, dueAt: number, scope: StopScope): Promise<ApprovalVerdict | 'due' | 'stopped'> {
    const endsAt = Math.min(dueAt, this.run.deadlineAt);
    await condition(() => this.verdicts.has(key) || scope.reason !== undefined, Math.max(1, endsAt - Date.now()));
    const verdict = this.verdicts.get(key);
    if (verdict) return verdict;
    if (scope.reason !== undefined) return 'stopped';
    if (this.run.deadlineAt > dueAt) return 'due';
    this.runScope.stop('deadline');
    return 'stopped';
  }

  /** The end of a run withdraws what is open by itself; here the rest may go on for long. */
  private async giveUp(key: string): Promise<Ruling> {
    if (this.runScope.reason === undefined) await this.close(key, { kind: 'withdraw' });
    return { kind: 'stopped' };
  }

  private close(key: string, closing: ApprovalClosing): Promise<ApprovalState> {
    const { orgId, runId } = this.run;
    return proxyLocalActivities<ApprovalActivities>(SMALL_STEP).closeApproval({ orgId, runId, key, closing });
  }
}

function rulingOf({ verdict }: ApprovalState): Ruling {
  switch (verdict?.decision) {
    case 'approve':
      return { kind: 'approved' };
    case 'answer':
      return { kind: 'answered', data: verdict.data ?? NULL };
    case 'reject': {
      const comment = verdict.comment === undefined ? '' : `: ${verdict.comment}`;
      const who = verdict.by === null ? 'nobody decided in time' : `rejected by ${verdict.by}`;
      return { kind: 'rejected', why: `${who}${comment}` };
    }
    case undefined:
      return { kind: 'stopped' };
  }
}
