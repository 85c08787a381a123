import { describe, expect, it } from '@jest/globals';
import { RetryState, TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { AgentCall } from '../../contracts/run-workflow.js';
import { canceledCall, failedCall, isFailed, ranOutOfTime, reasonOf, timedOutCall } from './call-outcomes.js';

const call = { key: 'steps/a' } as AgentCall;
const untried = { key: 'steps/a', queueMs: 0, execMs: 0 };
const inActivity = (cause: Error, retryState: RetryState = RetryState.NON_RETRYABLE_FAILURE) =>
  new ActivityFailure('Activity task failed', 'callAgents', '1', retryState, 'worker', cause);
const timeout = (type: TimeoutType) => new TimeoutFailure('timed out', undefined, type);

describe('outcomes of calls that no agent answered', () => {
  it('say that the call was given up, or found nobody in its time', () => {
    expect(canceledCall(call)).toMatchObject({ ...untried, status: 'canceled', error: { code: 'agent.canceled' } });
    expect(timedOutCall(call)).toMatchObject({ ...untried, status: 'failed', error: { code: 'agent.unavailable' } });
    expect([canceledCall(call), timedOutCall(call), undefined].map(isFailed)).toEqual([false, true, false]);
    expect(isFailed({ key: 'steps/a', deferred: { afterMs: 5 } })).toBe(false);
  });

  it('name what ended their batch', () => {
    const refused = ApplicationFailure.nonRetryable('no such run', 'run.not_found');
    expect(failedCall(call, inActivity(refused)).error).toEqual({
      code: 'run.not_found',
      message: 'no such run',
      retryable: false,
    });
    expect(failedCall(call, inActivity(timeout(TimeoutType.START_TO_CLOSE))).error).toMatchObject({
      code: 'agent.timeout',
      retryable: true,
    });
    expect(failedCall(call, new Error('secret words')).error).toEqual({
      code: 'internal',
      message: 'the call failed inside Brikk',
      retryable: true,
    });
  });

  it('tell the end of the time from other ends', () => {
    expect(ranOutOfTime(inActivity(timeout(TimeoutType.SCHEDULE_TO_CLOSE)))).toBe(true);
    expect(ranOutOfTime(inActivity(new Error('away'), RetryState.TIMEOUT))).toBe(true);
    expect(ranOutOfTime(inActivity(timeout(TimeoutType.HEARTBEAT)))).toBe(false);
    expect(ranOutOfTime(timeout(TimeoutType.SCHEDULE_TO_CLOSE))).toBe(false);
  });

  it.each([
    ['agent.unavailable', 'no_candidate'],
    ['agent.invalid_output', 'invalid_output'],
    ['agent.budget', 'budget'],
    ['agent.canceled', 'canceled'],
    ['approval.rejected', 'rejected'],
    ['agent.transient', 'agent_failed'],
  ])('give a run that ends by %s the reason %s', (code, reason) => {
    expect(reasonOf({ code, message: 'm', retryable: false })).toBe(reason);
  });
});
