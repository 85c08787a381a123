import type { Approval, ApprovalStatus, ApprovalSummary, DecideApproval } from '../contracts/approvals.js';
import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import type { CreateOptions, PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

/** Which questions are wanted; all that is said must hold. */
export interface ListApprovalsOptions extends PageOptions {
  status?: ApprovalStatus;
  assignee?: string;
  /** Id of a run. */
  run?: string;
}
/** Beside a decision. */
export type DecisionOptions = CreateOptions & {
  /** Kept with the decision, for whoever reads it. */
  comment?: string;
};

const approvalPath = (id: string) => `/v1/approvals/${encodeURIComponent(id)}`;

/** Questions of runs to persons. The first decision stands: a second one fails `approval.closed`. */
export class ApprovalsClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** The newest first. */
  list(filters: ListApprovalsOptions = {}): Promise<Page<ApprovalSummary>> {
    return this.transport.json('GET', '/v1/approvals', { query: { ...filters } });
  }

  /** A question with what it is about. Fails `approval.not_found`. */
  get(id: string): Promise<Approval> {
    return this.transport.json('GET', approvalPath(id));
  }

  /** Any decision that the question allows. Fails `approval.closed` once there is one, `approval.not_found`. */
  decide(id: string, decision: DecideApproval, options: CreateOptions = {}): Promise<Approval> {
    return this.transport.json('POST', approvalPath(id), { body: decision, ...options });
  }

  /** Yes: the run goes on. */
  approve(id: string, { comment, ...options }: DecisionOptions = {}): Promise<Approval> {
    return this.decide(id, { decision: 'approve', comment }, options);
  }

  /** No: what waited is not done. */
  reject(id: string, { comment, ...options }: DecisionOptions = {}): Promise<Approval> {
    return this.decide(id, { decision: 'reject', comment }, options);
  }

  /** The data becomes the input of what waits to be done, or the output of what was done or has failed. */
  answer(id: string, data: Json, { comment, ...options }: DecisionOptions = {}): Promise<Approval> {
    return this.decide(id, { decision: 'answer', data, comment }, options);
  }
}
