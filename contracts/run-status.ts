// Without schemas: the SDK needs to know when a run has ended, and little else.

export const RUN_STATUSES = [
  'accepted',
  'running',
  'waiting',
  'paused',
  'completed',
  'partial',
  'failed',
  'canceled',
  'timed_out',
  'budget_exceeded',
  'rejected',
] as const;
type RunStatus = (typeof RUN_STATUSES)[number];

export const TERMINAL_STATUSES = [
  'completed',
  'partial',
  'failed',
  'canceled',
  'timed_out',
  'budget_exceeded',
  'rejected',
] as const satisfies readonly RunStatus[];
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];
export const isTerminal = (status: RunStatus): status is TerminalStatus =>
  (TERMINAL_STATUSES as readonly RunStatus[]).includes(status);
