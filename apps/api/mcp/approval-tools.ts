import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { APPROVAL_STATUSES, decideApprovalSchema, decisionVerbSchema } from '../../../contracts/approvals.js';
import { ApprovalsService } from '../approvals/approvals.service.js';
import { knownId } from '../common/ids.js';
import { parse } from '../common/schema.pipe.js';
import { type McpTool, tool } from './mcp-tool.js';

/** What runs ask persons. */
@Injectable()
export class ApprovalTools {
  constructor(private readonly approvals: ApprovalsService) {}

  readonly all: McpTool[] = [
    tool({
      name: 'list_approvals',
      title: 'List questions to persons',
      description: 'What runs ask: what is to be approved, of whom, and until when.',
      permission: 'approval:read',
      readOnly: true,
      input: z.strictObject({
        status: z.enum(APPROVAL_STATUSES).default('pending'),
        run: z.uuid().optional().describe('Only those of this run.'),
        limit: z.int().min(1).max(200).default(50),
        cursor: z.string().optional().describe('nextCursor of the page before.'),
      }),
      call: (query, { caller }) => this.approvals.list(caller, query),
    }),
    tool({
      name: 'get_approval',
      title: 'Look at a question',
      description: 'One question with what it is about, and the schema of an answer.',
      permission: 'approval:read',
      readOnly: true,
      input: z.strictObject({ id: z.string() }),
      call: ({ id }, { caller }) => this.approvals.get(caller, id),
    }),
    tool({
      name: 'decide_approval',
      title: 'Decide a question',
      description: 'Approves, rejects, or answers with data. A second decision is refused.',
      permission: 'approval:decide',
      readOnly: false,
      input: z.strictObject({
        id: z.string(),
        decision: decisionVerbSchema,
        data: z.unknown().optional().describe('With answer, and only there.'),
        comment: z.string().optional(),
      }),
      call: ({ id, ...decision }, { caller }) => {
        knownId(id, 'approval.not_found');
        return this.approvals.decide(caller, id, parse(decideApprovalSchema, decision, 'body'));
      },
    }),
  ];
}
