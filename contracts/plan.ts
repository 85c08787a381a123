import { z } from 'zod';
import { type ApprovalTerms, approvalTermsShape, readTerms, saysWhoIsNext, WHO_IS_NEXT } from './approvals.js';
import { type CallOptions, callOptionsShape, namesOneTarget, ONE_TARGET, targetShape } from './calls.js';
import { type Json, jsonSchema, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';

export type Planner = CallOptions & { capability?: string; agent?: string };

export type PlanParams = CallOptions & {
  goal: string;
  planner: Planner;
  allow: string[];
  maxTasks: number;
  repair: number;
  maxReplans: number;
  approval?: PlanApproval;
  input?: Json;
  outputSchema?: SchemaDocument;
};

/** Which plans a person approves before they run: the first, or that and every later one. */
export type PlanApproval = ApprovalTerms & { of: 'plan' | 'everyReplan' };

const ofSchema = z.enum(['plan', 'everyReplan']);
const planTermsSchema = z.strictObject({ of: ofSchema, ...approvalTermsShape });
export const planApprovalSchema = z.union([
  z.literal('none').transform(() => undefined),
  ofSchema.transform((of): PlanApproval => readTerms(planTermsSchema.parse({ of }))),
  planTermsSchema.refine(saysWhoIsNext, WHO_IS_NEXT).transform((terms): PlanApproval => readTerms(terms)),
]);

/**
 * `plan`: a planner is asked for a graph of tasks over the allowed capabilities; tasks run side by side as those they
 * depend on complete. A plan that cannot work goes back with its errors; when tasks fail, the rest is planned anew.
 */
export const planParamsSchema: z.ZodType<PlanParams> = z
  .strictObject({
    ...callOptionsShape,
    goal: z.string().min(1).max(16_384),
    planner: z.strictObject({ ...targetShape, ...callOptionsShape }).refine(namesOneTarget, ONE_TARGET),
    allow: z
      .array(nameSchema)
      .min(1)
      .max(100)
      .describe('Capabilities that the plan may use, also memory.get, memory.put, memory.append and memory.search.'),
    maxTasks: z.int().min(1).max(200).default(20).describe('Tasks of one plan.'),
    repair: z.int().min(0).max(10).default(3).describe('How often a plan that cannot work goes back to the planner.'),
    maxReplans: z.int().min(0).max(20).default(2).describe('How often the rest is planned anew after tasks failed.'),
    approval: planApprovalSchema.optional().describe('Whether a person approves the plan before it runs.'),
    input: jsonSchema.optional(),
    outputSchema: schemaDocumentSchema.optional(),
  })
  .meta({ id: 'PlanParams' });
