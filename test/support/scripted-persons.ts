import type { Client } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import type { DecisionVerb } from '../../contracts/approvals.js';
import type { Json } from '../../contracts/json.js';
import type {
  ApprovalActivities,
  ApprovalClosing,
  ApprovalState,
  NewApproval,
} from '../../contracts/approval-activities.js';
import { runWorkflowId } from '../../contracts/run-workflow.js';
import type { RunRef } from '../../contracts/values.js';

export interface Decision {
  decision: DecisionVerb;
  data?: Json;
  comment?: string;
  /** Decided at once, but told only when the approval is closed. */
  isUndelivered?: boolean;
  afterMs?: number;
}
/** What a person says to the n-th question, if anything. */
export type Say = (approval: NewApproval, asked: number) => Decision | undefined | Promise<Decision | undefined>;

/** Activities of the contract's types whose persons decide by a script; they keep what they were asked. */
export class ScriptedPersons {
  readonly opened: NewApproval[] = [];
  readonly closed: { key: string; closing: ApprovalClosing }[] = [];
  private readonly states = new Map<string, ApprovalState>();

  constructor(
    private readonly client: () => Client,
    private readonly say: Say,
  ) {}

  activities(): ApprovalActivities {
    return { openApproval: (request) => this.open(request), closeApproval: (request) => this.close(request) };
  }

  get keys(): string[] {
    return this.opened.map(({ key }) => key);
  }

  async open({ approval, ...run }: RunRef & { approval: NewApproval }): Promise<ApprovalState> {
    this.opened.push(approval);
    this.states.set(approval.key, { status: 'pending' });
    void this.decide(run, approval);
    return { status: 'pending' };
  }

  private async decide(run: RunRef, approval: NewApproval): Promise<void> {
    const said = await this.say(approval, this.opened.length);
    if (!said) return;
    const { decision, data, comment, isUndelivered, afterMs = 0 } = said;
    if (afterMs > 0) await delay(afterMs);
    const verdict = {
      key: approval.key,
      decision,
      by: 'ann',
      ...(data === undefined ? {} : { data: { inline: data } }),
      ...(comment === undefined ? {} : { comment }),
    };
    this.states.set(approval.key, { status: 'approved', verdict });
    if (!isUndelivered) await this.client().workflow.getHandle(runWorkflowId(run)).signal('approval', verdict);
  }

  async close({ key, closing }: { key: string; closing: ApprovalClosing }): Promise<ApprovalState> {
    this.closed.push({ key, closing });
    const state = this.states.get(key) as ApprovalState;
    if (state.verdict || closing.kind === 'escalate') return state;
    if (closing.kind === 'withdraw') return { status: 'withdrawn' };
    return { status: 'expired', verdict: { key, decision: closing.outcome, by: null } };
  }
}
