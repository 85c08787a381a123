import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';

/** A failure of the infrastructure, never of an agent: try again soon, and until the run's deadline. */
const INFRASTRUCTURE_RETRY = { initialInterval: 100, backoffCoefficient: 1.5, maximumInterval: 1_000 };

/** So long is silence the death of a worker of which nobody else says that it is dead, unless a call says otherwise. */
const HEARTBEAT_MS = 10_000;

/** Beyond the calls' own limits: selection, journal, the way to the worker and back. */
const CALL_MARGIN_MS = 10_000;
/** Beyond the run's deadline, at which the activity ends its calls by itself: until what was sent is journaled. */
const DEADLINE_MARGIN_MS = 1_000;

/**
 * An agent may think for minutes. What a dead worker had in hand others give back to the engine at once, by its lease;
 * heartbeats bring cancellations to the activity, and tell the engine of the death where nobody else could.
 * `startToClose` only ends what the activity's own limits did not; `scheduleToClose` ends retries soon after the calls'
 * time: what was sent in time is journaled before the run goes on without it. Where that time is the run's deadline the
 * run waits less; `isShielded` calls have a time of their own.
 * A canceled batch is waited for only where the run needs to know what it did.
 */
export function agentCallOptions(limits: {
  longestCallMs: number;
  heartbeatMs: number | undefined;
  remainingMs: number;
  isAwaited: boolean;
  isShielded: boolean;
  summary: string;
  taskQueue: string | undefined;
}): ActivityOptions {
  return {
    heartbeatTimeout: limits.heartbeatMs ?? HEARTBEAT_MS,
    startToCloseTimeout: limits.longestCallMs + CALL_MARGIN_MS,
    scheduleToCloseTimeout: limits.remainingMs + (limits.isShielded ? CALL_MARGIN_MS : DEADLINE_MARGIN_MS),
    retry: INFRASTRUCTURE_RETRY,
    cancellationType: limits.isAwaited ? 'WAIT_CANCELLATION_COMPLETED' : 'TRY_CANCEL',
    summary: limits.summary,
    ...(limits.taskQueue !== undefined && { taskQueue: limits.taskQueue }),
  };
}

/** As for agents, but one attempt a call: definitions say themselves what is tried again. */
export const httpCallOptions = (
  timeoutMs: number,
  remainingMs: number,
  heartbeatMs = HEARTBEAT_MS,
): ActivityOptions => ({
  heartbeatTimeout: heartbeatMs,
  startToCloseTimeout: timeoutMs + CALL_MARGIN_MS,
  scheduleToCloseTimeout: Math.max(1, remainingMs),
  retry: INFRASTRUCTURE_RETRY,
  cancellationType: 'TRY_CANCEL',
});

/** A statement or two in Postgres: longer means that the connection hangs. */
export const SMALL_STEP: LocalActivityOptions = { startToCloseTimeout: 10_000, retry: INFRASTRUCTURE_RETRY };

/** jq or a schema over a payload of megabytes. */
export const LARGE_VALUE: LocalActivityOptions = { startToCloseTimeout: 30_000, retry: INFRASTRUCTURE_RETRY };

/** Ends the run: repeated until Postgres has it, however long Postgres is away. */
export const FINISH_RUN: LocalActivityOptions = { startToCloseTimeout: 30_000, retry: INFRASTRUCTURE_RETRY };

/** Hundreds of items of a bulk run, in Postgres: repeated until it has them, as the end of a run is. */
export const EXCHANGE: LocalActivityOptions = { startToCloseTimeout: 30_000, retry: INFRASTRUCTURE_RETRY };
