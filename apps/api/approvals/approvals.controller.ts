import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  approvalSchema,
  approvalSummarySchema,
  type DecideApproval,
  decideApprovalSchema,
  type ListApprovals,
  listApprovalsSchema,
} from '../../../contracts/approvals.js';
import { pageSchema } from '../../../contracts/lists.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { ApprovalsService } from './approvals.service.js';

@Controller('v1/approvals')
export class ApprovalsController {
  constructor(private readonly approvals: ApprovalsService) {}

  @Get()
  @Permission('approval:read')
  @Describe({
    summary: 'List approvals, the newest first',
    description: '`?status=pending&assignee=finance` is what waits for somebody.',
    answers: { 200: pageSchema(approvalSummarySchema) },
  })
  list(@From() caller: Caller, @Query({ schema: listApprovalsSchema }) query: ListApprovals) {
    return this.approvals.list(caller, query);
  }

  @Get(':id')
  @Permission('approval:read')
  @Describe({
    summary: 'One approval with what is to be approved',
    answers: { 200: approvalSchema },
    errors: ['approval.not_found'],
  })
  get(@From() caller: Caller, @Param('id') id: string) {
    return this.approvals.get(caller, id);
  }

  @Post(':id')
  @HttpCode(200)
  @Permission('approval:decide')
  @Describe({
    summary: 'Decide an approval',
    description:
      'Approve lets the work go on, reject ends it, answer gives its input (before) or its output. The first decision ' +
      'stands. Where there are assignees, a key of such a name decides, or an owner or admin.',
    answers: { 200: approvalSchema },
    errors: ['approval.not_found', 'approval.closed', 'run.finished'],
    examples: {
      approve: { decision: 'approve', comment: 'charged twice indeed' },
      reject: { decision: 'reject', comment: 'over the limit' },
      answer: { decision: 'answer', data: { customer: 4711, amount: 60 } },
    },
    idempotent: true,
  })
  decide(
    @From() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: decideApprovalSchema }) decision: DecideApproval,
  ) {
    return this.approvals.decide(caller, id, decision);
  }
}
