import type { Budget } from './budget.js';
import type { Definition } from './definition.js';
import type { PatternName, PatternParams } from './patterns.js';

/** Parameters of a run that follows a definition: everything it is interpreted by, pinned when it is accepted. */
export interface WorkflowParams {
  definition: Definition;
  /** Of the definition's content, SHA-256. */
  hash: string;
  /** Old ones stay, so that old runs replay. */
  interpreter: 1;
  budget?: Budget;
}

/** What a run does: a pattern of the catalogue, or what a definition says. */
export type RunKind = PatternName | 'workflow';
export type RunParams = PatternParams & { workflow: WorkflowParams };

/** A failure as definitions see it: problem details (RFC 7807). */
export interface WorkflowError {
  type: string;
  status: number;
  title: string;
  detail?: string;
  /** JSON pointer of the task it comes from: `/do/0/order/try/0/pay`. */
  instance: string;
}
