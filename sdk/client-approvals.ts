import type { Approval, ApprovalStatus, ApprovalSummary, DecideApproval } from '../contracts/approvals.js';
import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import type { CreateOptions, PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

export interface ListApprovalsOptions extends PageOptions {
  status?: ApprovalStatus;
  assignee?: string;
  /** Id of a run. */
  run?: string;
}
type Saying = CreateOptions & { comment?: string };

const approvalPath = (id: string) => `/v1/approvals/${encodeURIComponent(id)}`;

/** Questions of runs to persons. The first decision stands: a second one fails `approval.closed`. */
export class ApprovalsClient {
  constructor(private readonly transport: ApiTransport) {}

  list(filters: ListApprovalsOptions = {}): Promise<Page<ApprovalSummary>> {
    return this.transport.json('GET', '/v1/approvals', { query: { ...filters } });
  }

  get(id: string): Promise<Approval> {
    return this.transport.json('GET', approvalPath(id));
  }

  decide(id: string, decision: DecideApproval, options: CreateOptions = {}): Promise<Approval> {
    return this.transport.json('POST', approvalPath(id), { body: decision, ...options });
  }

  approve(id: string, { comment, ...options }: Saying = {}): Promise<Approval> {
    return this.decide(id, { decision: 'approve', comment }, options);
  }

  reject(id: string, { comment, ...options }: Saying = {}): Promise<Approval> {
    return this.decide(id, { decision: 'reject', comment }, options);
  }

  /** The data becomes the input of what waits to be done, or the output of what was done or has failed. */
  answer(id: string, data: Json, { comment, ...options }: Saying = {}): Promise<Approval> {
    return this.decide(id, { decision: 'answer', data, comment }, options);
  }
}
