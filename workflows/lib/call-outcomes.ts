import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { CallError, TerminationReason } from '../../contracts/runs.js';
import type { AgentCall, CallOutcome, CallResult } from '../../contracts/run-workflow.js';

/** Outcome of a call that was given up; what its agent still does is in the journal. */
export const canceledCall = (call: AgentCall): CallResult => ({
  ...untried(call),
  status: 'canceled',
  error: { code: 'agent.canceled', message: 'the call was canceled', retryable: false },
});

/** Outcome of a call whose time passed while it waited for a free agent. */
export const timedOutCall = (call: AgentCall): CallResult => ({
  ...untried(call),
  status: 'failed',
  error: { code: 'agent.unavailable', message: 'no agent was free within the time limit', retryable: true },
});

/** Outcome of a call whose batch ended with a failure that no agent caused. */
export function failedCall(call: AgentCall, error: unknown): CallResult {
  return { ...untried(call), status: 'failed', error: named(error) };
}

export const isFailed = (outcome: CallOutcome | undefined): boolean =>
  outcome !== undefined && 'status' in outcome && outcome.status === 'failed';

/** Whether a batch ended because the time until the run's deadline was over, during a try or between two. */
export function ranOutOfTime(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  if (error.retryState === 'TIMEOUT') return true;
  return error.cause instanceof TimeoutFailure && error.cause.timeoutType === 'SCHEDULE_TO_CLOSE';
}

/** Why a run ends when this error ends it. */
export function reasonOf(error: CallError | undefined): TerminationReason {
  switch (error?.code) {
    case 'agent.unavailable':
      return 'no_candidate';
    case 'agent.invalid_output':
      return 'invalid_output';
    case 'agent.budget':
      return 'budget';
    case 'agent.canceled':
      return 'canceled';
    case 'approval.rejected':
      return 'rejected';
    default:
      return 'agent_failed';
  }
}

const untried = ({ key }: AgentCall): Omit<CallResult, 'status'> => ({ key, queueMs: 0, execMs: 0 });

function named(error: unknown): CallError {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure)
    return { code: 'agent.timeout', message: 'the call did not end in time', retryable: true };
  if (cause instanceof ApplicationFailure && cause.type)
    return { code: cause.type, message: cause.message, retryable: !cause.nonRetryable };
  return { code: 'internal', message: 'the call failed inside Brikk', retryable: true };
}
