import { z } from 'zod';
import { namesTarget, TARGET_NEEDED, targetShape } from './call-target.js';
import { type AgentTask, agentTaskSchema, type CallOptions, callOptionsShape } from './calls.js';
import { expressionSchema } from './templates.js';
import { type Aggregate, aggregateSchema } from './concurrent.js';
import { type Json, jsonSchema, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';
import type { MemoryTask } from './memory-tasks.js';
import type { StepSchema, Task } from './tasks.js';

export type Synthesis = Exclude<Aggregate, { reduce: object }> | Extract<Aggregate, { reduce: object }>['reduce'];

export type WorkersParams = CallOptions & {
  items?: Json;
  plan?: AgentTask;
  worker: Task | MemoryTask;
  each?: string;
  input?: Json;
  maxConcurrency?: number;
  partitionKey?: string;
  group?: string[];
  maxAttemptsPerItem: number;
  speculate?: { slowerThan: number; max: number };
  addTasks?: { expand: string; max: number };
  deadLetter: 'report' | 'fail';
  synthesize: Synthesis;
  outputSchema?: SchemaDocument;
};

const synthesisSchema = z.union([
  z.strictObject({ ...targetShape, ...callOptionsShape }).refine(namesTarget, TARGET_NEEDED),
  aggregateSchema,
]);

/** What expressions of the pattern, or of patterns inside, may read already. */
const RESERVED: ReadonlySet<string> = new Set(
  'input index round own votes entries reasons count answers data ENV __loc__'.split(' '),
);

const mayRunTwice = (worker: Task | MemoryTask, idempotent = false): boolean =>
  !('pattern' in worker) && !('call' in worker) && (worker.idempotent ?? idempotent);

/**
 * `workers`: one task for each of `items`, or for each that the agent of `plan` answers with. Items with the same
 * `partitionKey` are worked off one after another in their order. An item that fails `maxAttemptsPerItem` times is a
 * dead letter: `report` leaves a gap, `fail` ends the pattern.
 */
export const workersParamsSchema = (stepSchema: StepSchema): z.ZodType<WorkersParams> =>
  z
    .strictObject({
      ...callOptionsShape,
      items: jsonSchema.optional().describe('A list, or jq in `${ }` that gives one; at most 10,000 items.'),
      plan: agentTaskSchema
        .refine(namesTarget, TARGET_NEEDED)
        .optional()
        .describe('Gets a request of kind plan and answers with the list of items.'),
      worker: stepSchema({}).describe('Done for each item; its expressions may read $item and $index.'),
      each: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be a name of 1 to 64 letters, digits and _, a digit not first')
        .refine((name) => !RESERVED.has(name), 'is a name that expressions have already')
        .optional()
        .describe('A further name of $item in expressions.'),
      input: jsonSchema.optional(),
      maxConcurrency: z.int().min(1).max(1_000).optional(),
      partitionKey: expressionSchema.optional().describe('jq over the item; null is no key.'),
      group: z
        .array(nameSchema)
        .min(1)
        .max(1_000)
        .optional()
        .describe('Agents that share the items, each item at exactly one of them; worker then names a capability.'),
      maxAttemptsPerItem: z.int().min(1).max(10).default(1),
      speculate: z
        .strictObject({
          slowerThan: z.number().min(1).max(100).default(2).describe('Times the p95 of the items that are done.'),
          max: z.int().min(1).max(1_000).default(10).describe('Copies of all items together.'),
        })
        .optional()
        .describe('A slow item gets a second copy; the first output counts. Only with idempotent: true.'),
      addTasks: z
        .strictObject({
          expand: expressionSchema.describe('jq over an output; the list it gives are further items, null is none.'),
          max: z.int().min(1).max(10_000),
        })
        .optional(),
      deadLetter: z.enum(['report', 'fail']).default('report'),
      synthesize: synthesisSchema.default('collect'),
      outputSchema: schemaDocumentSchema.optional(),
    })
    .refine(({ items, plan }) => (items === undefined) !== (plan === undefined), {
      path: ['items'],
      message: 'needs exactly one of items and plan',
    })
    .refine(({ group, worker }) => group === undefined || 'capability' in worker, {
      path: ['worker'],
      message: 'must name a capability when there is a group',
    })
    .refine(({ speculate, worker, idempotent }) => speculate === undefined || mayRunTwice(worker, idempotent), {
      path: ['speculate'],
      message: 'goes with a worker that is an agent call with idempotent: true',
    })
    .refine(({ group = [] }) => new Set(group).size === group.length, { path: ['group'], message: 'must be unique' })
    .meta({ id: 'WorkersParams' }) as unknown as z.ZodType<WorkersParams>;
