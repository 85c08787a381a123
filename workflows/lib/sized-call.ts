import type { ApprovalTerms } from '../../contracts/approvals.js';
import type { AgentCall, CallOutcome, CallResult, FollowingCall, SharedTerms } from '../../contracts/run-workflow.js';

/** A call with the terms it shares with others, those that follow it, and the bytes that all this takes. */
export interface SizedCall {
  call: AgentCall;
  terms: SharedTerms;
  /** Without the terms, which a batch carries once. */
  bytes: number;
  termsBytes: number;
  /** Whom its agent's questions go to; as usual unless said. */
  persons?: ApprovalTerms;
  following: { call: FollowingCall; terms: SharedTerms }[];
}

/** The time that the call and those that follow it may take. */
export const timeOf = ({ call, following }: SizedCall): number =>
  following.reduce((sum, next) => sum + next.call.timeout.totalMs, call.timeout.totalMs);

/** Outcomes of the calls that followed, up to the first that was not made. */
export function followingOf({ following }: SizedCall, outcomes: ReadonlyMap<string, CallOutcome>): CallResult[] {
  const made: CallResult[] = [];
  for (const { call } of following) {
    const outcome = outcomes.get(call.key);
    if (!outcome || !('status' in outcome)) break;
    made.push(outcome);
  }
  return made;
}
