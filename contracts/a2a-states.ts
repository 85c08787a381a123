import type { RunStatus } from './runs.js';

/** What an A2A task is while its run is so. A run that waits asks somebody something. */
export const A2A_STATES = {
  accepted: 'TASK_STATE_SUBMITTED',
  running: 'TASK_STATE_WORKING',
  paused: 'TASK_STATE_WORKING',
  waiting: 'TASK_STATE_INPUT_REQUIRED',
  completed: 'TASK_STATE_COMPLETED',
  partial: 'TASK_STATE_COMPLETED',
  failed: 'TASK_STATE_FAILED',
  timed_out: 'TASK_STATE_FAILED',
  budget_exceeded: 'TASK_STATE_FAILED',
  canceled: 'TASK_STATE_CANCELED',
  rejected: 'TASK_STATE_REJECTED',
} as const satisfies Record<RunStatus, string>;

/** What is told of a task to those who asked for push notifications and to nobody else. */
export const A2A_TASK_PREFIX = 'a2a.task.';
