import { z } from 'zod';
import { namesTarget, TARGET_NEEDED, targetShape } from './call-target.js';
import { type ApprovalTerms, approvalTermsSchema } from './approvals.js';
import { type Json, jsonSchema, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';

/** Who or what stands in for a task that failed after its retries. */
export type Fallback = { capability?: string; agent?: string } | { value: Json } | { approval: ApprovalTerms };

/** A check of an output, and what a failed one does. */
export type Gate = {
  name?: string;
  message?: string;
  onFail: 'retry' | 'raise' | 'approval';
  maxRetries: number;
  approval?: ApprovalTerms;
} & ({ schema: SchemaDocument } | { rule: string } | { judge: Judge });

/** An agent that answers a call of kind `decide` with a score from 0 to 1, or `{score, reasons?}`. */
export interface Judge {
  capability?: string;
  agent?: string;
  threshold: number;
  criteria?: string;
}

export const fallbackSchema: z.ZodType<Fallback> = z
  .strictObject({
    ...targetShape,
    value: jsonSchema.optional(),
    approval: approvalTermsSchema.optional().describe('A person answers in its stead, or has it tried again.'),
  })
  .refine(
    (option) =>
      [namesTarget(option), option.value !== undefined, option.approval !== undefined].filter(Boolean).length === 1,
    {
      message: 'needs an agent (capability, agent or both), a value or an approval',
    },
  ) as unknown as z.ZodType<Fallback>;

const judgeSchema: z.ZodType<Judge> = z
  .strictObject({
    ...targetShape,
    threshold: z.number().min(0).max(1),
    criteria: z.string().max(16_384).optional().describe('What it is to look at; goes to the judge.'),
  })
  .refine(namesTarget, TARGET_NEEDED);

const KINDS = ['schema', 'rule', 'judge'] as const;

/** `schema`: JSON Schema; `rule`: jq over the output; `judge`: an agent's score. */
export const gateSchema: z.ZodType<Gate> = z
  .strictObject({
    name: nameSchema.optional().describe('How decisions and reasons call it.'),
    schema: schemaDocumentSchema.optional(),
    rule: z
      .string()
      .min(1)
      .max(65_536)
      .optional()
      .describe('jq over the output; it may read $input, the task’s input.'),
    judge: judgeSchema.optional(),
    message: z.string().max(4_096).optional().describe('What the agent is told when the output does not pass.'),
    onFail: z
      .enum(['retry', 'raise', 'approval'])
      .default('retry')
      .describe('`retry`: the task goes back with the reasons; `raise`: it has failed; `approval`: a person says.'),
    approval: approvalTermsSchema.optional().describe('Who is asked, with onFail: approval.'),
    maxRetries: z.int().min(0).max(10).default(2).describe('How often this gate may send the task back.'),
  })
  .refine((gate) => KINDS.filter((kind) => gate[kind] !== undefined).length === 1, {
    message: `needs exactly one of ${KINDS.join(', ')}`,
  })
  .refine(({ approval, onFail }) => approval === undefined || onFail === 'approval', {
    path: ['approval'],
    message: 'goes with onFail: approval',
  })
  .transform(({ approval, ...gate }) =>
    gate.onFail === 'approval' ? { ...gate, approval: approval ?? approvalTermsSchema.parse({}) } : gate,
  ) as unknown as z.ZodType<Gate>;

/** What stands behind a task that may fail, and what its output has to pass; for agent calls and nested patterns. */
export const careShape = {
  fallback: z
    .array(fallbackSchema)
    .min(1)
    .max(10)
    .optional()
    .describe(
      'After the retries, in order: another capability, another agent, a value, or a person; the result is degraded.',
    ),
  gates: z.array(gateSchema).min(1).max(10).optional().describe('What the output has to pass, in order.'),
} as const;
export interface Care {
  fallback?: Fallback[];
  gates?: Gate[];
}
