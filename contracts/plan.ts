import { z } from 'zod';
import { type ApprovalTerms, approvalTermsShape, readTerms, saysWhoIsNext, WHO_IS_NEXT } from './approvals.js';
import { namesTarget, TARGET_NEEDED, targetShape } from './call-target.js';
import { type CallOptions, callOptionsShape } from './calls.js';
import { type Json, jsonSchema, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';

export type Planner = CallOptions & { capability?: string; agent?: string };

export type PlanParams = CallOptions & {
  goal: string;
  planner: Planner;
  allow: string[];
  maxTasks: number;
  maxRounds: number;
  maxStalls: number;
  repair: number;
  maxReplans: number;
  maxConcurrency?: number;
  prioritise?: Planner;
  events?: string[];
  history: number;
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

const deciderSchema = z.strictObject({ ...targetShape, ...callOptionsShape }).refine(namesTarget, TARGET_NEEDED);

/**
 * `plan`: a planner is asked for a graph of tasks over the allowed capabilities, or for a list in the workflow language; tasks run side by side as those they
 * depend on complete. A plan that cannot work goes back with its errors; when tasks fail, the rest is planned anew. A
 * planner that keeps a ledger judges each round (A. Fourney et al., "Magentic-One", arXiv 2411.04468).
 */
export const planParamsSchema: z.ZodType<PlanParams> = z
  .strictObject({
    ...callOptionsShape,
    goal: z.string().min(1).max(16_384),
    planner: deciderSchema,
    allow: z
      .array(nameSchema)
      .min(1)
      .max(100)
      .describe(
        'Capabilities that the plan may use (with agent: every one), also memory.get, memory.put, memory.append and ' +
          'memory.search; for plans in the workflow language also calls and kinds of tasks, such as http, market, wait.',
      ),
    maxTasks: z.int().min(1).max(200).default(20).describe('Tasks of one plan.'),
    maxRounds: z.int().min(1).max(1_000).default(30).describe('A round works off what can be done, then is judged.'),
    maxStalls: z
      .int()
      .min(0)
      .max(100)
      .default(3)
      .describe('Above so many stalls the plan is made anew, forgetting what failed and what was said of it.'),
    repair: z.int().min(0).max(10).default(3).describe('How often a plan that cannot work goes back to the planner.'),
    maxReplans: z.int().min(0).max(20).default(2).describe('How often the rest is planned anew after tasks failed.'),
    maxConcurrency: z.int().min(1).max(200).optional().describe('Tasks at once; all that are ready unless said.'),
    prioritise: deciderSchema.optional().describe('Orders the tasks that are ready; their priority does unless said.'),
    events: z
      .array(nameSchema)
      .min(1)
      .max(100)
      .optional()
      .describe('Signals of the run that have the rest planned anew.'),
    history: z.int().min(0).max(10).default(0).describe('So many of the most similar past goals go to the planner.'),
    approval: planApprovalSchema.optional().describe('Whether a person approves the plan before it runs.'),
    input: jsonSchema.optional(),
    outputSchema: schemaDocumentSchema.optional(),
  })
  .meta({ id: 'PlanParams' });
