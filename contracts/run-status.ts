// Without schemas: the SDK needs to know when a run has ended, and little else.

export const TERMINAL_STATUSES = [
  'completed',
  'partial',
  'failed',
  'canceled',
  'timed_out',
  'budget_exceeded',
  'rejected',
] as const;
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

export const RUN_STATUSES = ['accepted', 'running', 'waiting', 'paused', ...TERMINAL_STATUSES] as const;

export const isTerminal = (status: (typeof RUN_STATUSES)[number]): status is TerminalStatus =>
  (TERMINAL_STATUSES as readonly string[]).includes(status);
