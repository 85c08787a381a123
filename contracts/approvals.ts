import { z } from 'zod';
import { durationSchema } from './durations.js';
import { jsonSchema, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';
import { pageQuerySchema } from './lists.js';

const assigneesSchema = z.array(nameSchema).min(1).max(32);

/** Whom a question goes to, how long it stands, and what happens when nobody has decided by then. */
export const approvalTermsShape = {
  question: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .describe('A text; jq in `${ }` reads what is to be approved. Default: names the place.'),
  assignees: assigneesSchema
    .optional()
    .describe('Names of API keys that may decide, beside owners and admins. Default: whoever may decide approvals.'),
  schema: schemaDocumentSchema.optional().describe('Of the data of an answer. Default for outputs: outputSchema.'),
  due: durationSchema.prefault('P1D'),
  onTimeout: z.enum(['approve', 'reject', 'escalate']).default('reject'),
  escalateTo: z
    .array(z.strictObject({ assignees: assigneesSchema, due: durationSchema.optional() }))
    .min(1)
    .max(10)
    .optional()
    .describe('Who is asked as well, one after another; when the last are due, it is rejected.'),
} as const;

/** Who is asked, with which words, for how long, and what holds when nobody answers. */
export interface ApprovalTerms {
  question?: string;
  assignees?: string[];
  schema?: SchemaDocument;
  dueMs: number;
  onTimeout: 'approve' | 'reject' | 'escalate';
  escalateTo?: { assignees: string[]; dueMs: number }[];
}

type WrittenTerms = z.output<z.ZodObject<typeof approvalTermsShape>>;

/** Durations as `…Ms`; a stage without a time of its own has that of the first. */
export function readTerms<Written extends WrittenTerms>({ due, escalateTo, ...rest }: Written) {
  const stages = escalateTo?.map(({ assignees, due: own }) => ({ assignees, dueMs: own ?? due }));
  return { ...rest, dueMs: due, ...(stages && { escalateTo: stages }) };
}

export const saysWhoIsNext = ({ onTimeout, escalateTo }: Pick<WrittenTerms, 'onTimeout' | 'escalateTo'>): boolean =>
  (onTimeout === 'escalate') === (escalateTo !== undefined);
export const WHO_IS_NEXT = { path: ['escalateTo'], message: 'goes with onTimeout: escalate, and is needed there' };

/** Who is asked and for how long, where the question is what the pattern asks. */
export const approvalTermsSchema: z.ZodType<ApprovalTerms> = z
  .strictObject(approvalTermsShape)
  .refine(saysWhoIsNext, WHO_IS_NEXT)
  .transform(readTerms);

/**
 * A person decides about a task: before it is done, about its output, or what becomes of it when it has failed. Approve
 * lets it go on (after a failure: tries again), answer gives the input (before) or the output, reject ends it.
 */
export const approvalGateSchema = z
  .strictObject({
    before: z.boolean().optional(),
    after: z.boolean().optional(),
    onFailure: z.boolean().optional(),
    ...approvalTermsShape,
  })
  .refine(({ before, after, onFailure }) => before === true || after === true || onFailure === true, {
    path: ['before'],
    message: 'needs before, after or onFailure',
  })
  .refine(saysWhoIsNext, WHO_IS_NEXT)
  .transform(readTerms);
export type ApprovalGate = ApprovalTerms & { before?: boolean; after?: boolean; onFailure?: boolean };

/** The gate of `onFailure: approval`, over what the task says of its own. */
export const approvalOnFailure = (own: ApprovalGate | undefined): ApprovalGate =>
  own ? { ...own, onFailure: true } : approvalGateSchema.parse({ onFailure: true });

export const APPROVAL_KINDS = ['before', 'after', 'failure', 'plan', 'tie', 'budget', 'question'] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

/** `withdrawn`: the work that asked was given up, or the run has ended. */
export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected', 'answered', 'expired', 'withdrawn'] as const;
/** `pending` until it is decided, withdrawn or its time is over. */
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export const decisionVerbSchema = z.enum(['approve', 'reject', 'answer']);
export type DecisionVerb = z.infer<typeof decisionVerbSchema>;

const time = z.string().describe('RFC 3339');

/** An approval as lists show it. */
export const approvalSummarySchema = z
  .object({
    id: z.string(),
    runId: z.string(),
    path: z.string().describe('Where in the run: `/steps/pay`.'),
    kind: z.enum(APPROVAL_KINDS),
    question: z.string(),
    assignees: z.array(z.string()),
    status: z.enum(APPROVAL_STATUSES),
    onTimeout: z.enum(['approve', 'reject', 'escalate']).describe('What happens when it is due.'),
    level: z.int().describe('How often it was escalated.'),
    openedAt: time,
    dueAt: time,
    closedAt: time.nullable(),
    decision: decisionVerbSchema.nullable().describe('Of a person, or by onTimeout when expired.'),
    decidedBy: z.object({ id: z.string(), name: z.string() }).nullable().describe('The API key.'),
    comment: z.string().nullable(),
  })
  .meta({ id: 'ApprovalSummary' });
export type ApprovalSummary = z.infer<typeof approvalSummarySchema>;

/** `GET /v1/approvals/{id}`. */
export const approvalSchema = approvalSummarySchema
  .extend({
    subject: jsonSchema.describe('What is to be approved: the input, the output, the failure, the plan.'),
    schema: jsonSchema.describe('JSON Schema of the data of an answer; null when any will do.'),
    data: jsonSchema.describe('Of an answer; null otherwise.'),
  })
  .meta({ id: 'Approval' });
export type Approval = z.infer<typeof approvalSchema>;

/** `POST /v1/approvals/{id}`. */
export const decideApprovalSchema = z
  .strictObject({
    decision: decisionVerbSchema,
    data: jsonSchema.optional().describe('With answer: the input or the output of the task.'),
    comment: z.string().min(1).max(4_096).optional(),
  })
  .refine(({ decision, data }) => (decision === 'answer') === (data !== undefined), {
    path: ['data'],
    message: 'goes with the decision answer, and is needed there',
  })
  .meta({ id: 'DecideApproval' });
export type DecideApproval = z.infer<typeof decideApprovalSchema>;

/** `?status=&assignee=&run=` of `GET /v1/approvals`. */
export const listApprovalsSchema = pageQuerySchema.extend({
  status: z.enum(APPROVAL_STATUSES).optional(),
  assignee: nameSchema.optional(),
  run: z.uuid().optional(),
});
export type ListApprovals = z.infer<typeof listApprovalsSchema>;
