import type { ApprovalKind, ApprovalStatus, ApprovalTerms, DecisionVerb } from './approvals.js';
import type { SchemaDocument } from './json.js';
import type { RunRef, Value } from './values.js';

/** What a person decided, as the workflow is told; the first for a key stands. */
export interface ApprovalVerdict {
  key: string;
  decision: DecisionVerb;
  /** Of an answer. */
  data?: Value;
  /** Name of the API key. */
  by: string;
  comment?: string;
}

/** A question to a person; `key` is unique in the run and makes opening it twice the same. */
export interface NewApproval {
  key: string;
  path: string;
  kind: ApprovalKind;
  question: string;
  /** What is to be approved. */
  subject: Value;
  schema?: SchemaDocument;
  assignees: string[];
  onTimeout: ApprovalTerms['onTimeout'];
  /** Milliseconds since the epoch. */
  dueAt: number;
}

/** What becomes of a pending approval when the workflow does not wait for it any longer as it was. */
export type ApprovalClosing =
  | { kind: 'withdraw' }
  | { kind: 'expire'; outcome: 'approve' | 'reject' }
  | { kind: 'escalate'; level: number; assignees: string[]; onTimeout: ApprovalTerms['onTimeout']; dueAt: number };

/** How an approval stands; `verdict` when it was decided, by a person or by its time. */
export interface ApprovalState {
  status: ApprovalStatus;
  verdict?: Omit<ApprovalVerdict, 'by'> & { by: string | null };
}

/** Local activities: questions to persons. Both may be repeated. */
export interface ApprovalActivities {
  /** Gives the state of the one that is there already. */
  openApproval(request: RunRef & { approval: NewApproval }): Promise<ApprovalState>;
  /** Only a pending approval is closed; the answer says who was first. */
  closeApproval(request: RunRef & { key: string; closing: ApprovalClosing }): Promise<ApprovalState>;
}
