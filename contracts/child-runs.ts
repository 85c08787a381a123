import type { BudgetLevel } from './budget.js';
import type { StartableWorkflow } from './run-workflow.js';
import type { RunError, TerminalStatus, TerminationReason } from './runs.js';
import type { RunRef, Value } from './values.js';

/** A workflow that a task of a definition runs, as a run of its own. */
export interface ChildRequest extends RunRef {
  /** Of the task's visit: a repeat finds the run that it has already. */
  key: string;
  namespace: string;
  name: string;
  /** `latest`: the newest that was there when the run that asks was accepted. */
  version: string;
  input: Value;
  /** Runs around it. */
  depth: number;
  /** Milliseconds since the epoch, of the run that waits for it; nobody waits for one that is detached. */
  deadlineAt?: number;
  /** What it is given of the budgets around the task. */
  budget?: ChildBudget;
}

export interface ChildBudget {
  /** The outermost first. */
  levels: BudgetLevel[];
  rounds?: number;
  depth?: number;
}

export interface OpenedChild {
  runId: string;
  /** namespace/name:version */
  workflow: string;
  /** What its workflow starts with; absent when it has ended already. */
  start?: StartableWorkflow;
  priorityKey: number;
}

/** `budget`: what is left does not cover it. */
export interface RefusedChild {
  refused: string;
  reason: 'configuration' | 'budget';
}

/** How it ended. */
export interface ChildEnd {
  status: TerminalStatus;
  terminationReason: TerminationReason;
  output: Value;
  error: RunError | null;
}

/** Local: runs below a run. */
export interface ChildActivities {
  /** On record when it resolves, once for a key. */
  openChild(request: ChildRequest): Promise<OpenedChild | RefusedChild>;
  /** Null while it goes on. Once it has ended, what it did not use of budgets around goes back. */
  readChild(request: RunRef & { childRunId: string; key: string }): Promise<ChildEnd | null>;
}
