import { z } from 'zod';
import { namesTarget, TARGET_NEEDED, targetShape } from './call-target.js';
import { type CallOptions, callOptionsShape } from './calls.js';
import { expressionSchema } from './templates.js';
import { durationSchema } from './durations.js';
import { type Json, jsonSchema, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';
import type { MemoryTask } from './memory-tasks.js';
import type { StepSchema, Task } from './tasks.js';

export type Branch = (Task | MemoryTask) & { name?: string };

export type ConcurrentParams = CallOptions & {
  branches?: Branch[];
  agents?: string[];
  capability?: string;
  count?: number;
  items?: Json;
  branch?: Branch;
  input?: Json;
  completion: Completion;
  maxInFlight?: number;
  cancelLosers: boolean;
  onBranchFailure: 'continue' | 'cancel';
  aggregate: Aggregate;
  outputSchema?: SchemaDocument;
};

const branchExtras = { name: nameSchema.optional() };

/** When enough branches have completed. `bestOf: n` takes the first n and keeps the best by `aggregate.best`. */
export const completionSchema = z.union([
  z.enum(['all', 'any']),
  z.strictObject({ quorum: z.int().min(1).max(10_000) }),
  z
    .strictObject({ atLeast: z.int().min(1).max(10_000), within: durationSchema })
    .transform(({ atLeast, within }) => ({ atLeast, withinMs: within })),
  z.strictObject({ bestOf: z.int().min(1).max(10_000) }),
]);
export type Completion = z.infer<typeof completionSchema>;

const voteSchema = z.strictObject({
  vote: z.enum(['majority', 'plurality', 'weighted', 'borda']),
  tieBreak: z.enum(['first', 'highestConfidence']).default('first'),
});

/**
 * How the outputs of completed branches become one. `vote` counts equal outputs (borda: outputs are ranked lists;
 * weighted: weight = confidence); `numeric: trimmed` is the mean without the lowest and highest tenth (at least one each
 * from three values on); `best` is jq giving a number per output, the highest wins; `expr` is jq over the list.
 */
export const aggregateSchema = z.union([
  z.enum(['collect', 'concat']),
  z.strictObject({ merge: z.strictObject({ onConflict: z.enum(['error', 'first', 'last', 'highestScore']) }) }),
  voteSchema,
  z.strictObject({ numeric: z.enum(['mean', 'median', 'trimmed', 'min', 'max']) }),
  z.strictObject({ best: expressionSchema }),
  z.strictObject({
    reduce: z.strictObject({ ...targetShape, ...callOptionsShape }).refine(namesTarget, TARGET_NEEDED),
  }),
  z.strictObject({ expr: expressionSchema }),
]);
export type Aggregate = z.infer<typeof aggregateSchema>;

/** `concurrent`: different `branches`, the same task to several (`agents`, or `capability` and `count`), or one `branch` for each of `items`. */
export const concurrentParamsSchema = (taskSchema: StepSchema): z.ZodType<ConcurrentParams> =>
  z
    .strictObject({
      ...callOptionsShape,
      branches: z.array(taskSchema<{ name?: string }>(branchExtras)).min(1).max(500).optional(),
      agents: z.array(nameSchema).min(1).max(1_000).optional(),
      capability: nameSchema.optional(),
      count: z.int().min(1).max(1_000).optional(),
      items: jsonSchema.optional().describe('A list, or jq in `${ }` that gives one; at most 10,000 items.'),
      branch: taskSchema<{ name?: string }>(branchExtras).optional(),
      input: jsonSchema.optional(),
      completion: completionSchema.default('all'),
      maxInFlight: z.int().min(1).max(1_000).optional(),
      cancelLosers: z.boolean().default(true),
      onBranchFailure: z.enum(['continue', 'cancel']).default('continue'),
      aggregate: aggregateSchema.default('collect'),
      outputSchema: schemaDocumentSchema.optional(),
    })
    .superRefine(checkShape)
    .meta({ id: 'ConcurrentParams' }) as unknown as z.ZodType<ConcurrentParams>;

function checkShape(params: Record<string, unknown>, context: z.RefinementCtx): void {
  const has = (field: string) => params[field] !== undefined;
  const shapes = [has('branches'), has('agents'), has('items'), has('capability')].filter(Boolean).length;
  const fail = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (shapes !== 1) fail('branches', 'needs exactly one of branches, agents, items with branch, capability with count');
  if (has('items') !== has('branch')) fail('branch', 'items and branch go together');
  if (has('capability') !== has('count')) fail('count', 'capability and count go together');
  const names = ((params.branches ?? []) as { name?: string }[]).flatMap(({ name }) => name ?? []);
  if (new Set(names).size !== names.length) fail('branches', 'branch names must be unique');
}
