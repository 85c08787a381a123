import { Injectable } from '@nestjs/common';
import type { Approval, ApprovalSummary, DecideApproval, ListApprovals } from '../../../contracts/approvals.js';
import type { Page } from '../../../contracts/lists.js';
import { decideApproval, listApprovals, loadApproval } from '../../../database/approvals.repository.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import { actorOf } from '../common/actor.js';
import { once } from '../common/idempotency.js';
import { knownId } from '../common/ids.js';
import { Refusals } from '../common/refusals.js';
import type { Caller } from '../common/request.js';
import { SteeringService } from '../runs/steering.service.js';
import { checkAnswer } from './check-answer.js';
import { mayDecide } from './may-decide.js';

/** A decision is on record, with its audit entry, before it is answered; whoever reaches the workflow first delivers it. */
@Injectable()
export class ApprovalsService {
  constructor(
    private readonly database: Database,
    private readonly steering: SteeringService,
    private readonly refusals: Refusals,
  ) {}

  async list({ orgId }: Caller, query: ListApprovals): Promise<Page<ApprovalSummary>> {
    return this.database.inOrg(orgId, (tx) => listApprovals(tx, query));
  }

  async get({ orgId }: Caller, id: string): Promise<Approval> {
    knownId(id, 'approval.not_found');
    return this.database.inOrg(orgId, (tx) => loadApproval(tx, id));
  }

  async decide(caller: Caller, id: string, decision: DecideApproval): Promise<Approval> {
    const { orgId, keyId, name } = caller;
    const asked = await this.get(caller, id);
    if (!mayDecide(caller, asked)) {
      const detail = `The approval is for ${asked.assignees.join(', ')}: a key of such a name, an owner or an admin decides it`;
      throw await this.refusals.forbidden(caller, `POST /v1/approvals/${id}`, detail);
    }
    const request = { route: `POST /v1/approvals/${id}`, body: decision, keepFor: 'day' as const };
    const { body, replayed } = await once(this.database, caller, request, async (tx) => {
      if (asked.status === 'pending') checkAnswer(decision, asked);
      const decided = await decideApproval(tx, id, decision, { id: keyId, name });
      await audit(tx, { ...actorOf(caller), action: `approval.${decided.status}`, target: id, outcome: 'ok' });
      return { status: 200, body: decided };
    });
    if (!replayed) void this.steering.deliver({ orgId, runId: body.runId });
    return body;
  }
}
