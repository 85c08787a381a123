import { z } from 'zod';
import { type CallOptions, callOptionsShape } from './calls.js';
import { expressionSchema } from './templates.js';
import { type Json, jsonSchema, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';
import type { Task, TaskSchema } from './tasks.js';

/** One way to do the task: a pattern, or an agent call. */
export type AdaptiveOption = Task & { name: string; when?: string };

export type AdaptiveParams = CallOptions & {
  candidates: AdaptiveOption[];
  by: 'rule' | 'learned';
  key?: string;
  features?: string;
  explore: number;
  switch: boolean;
  input?: Json;
  outputSchema?: SchemaDocument;
};

const haveOwnNames = (candidates: AdaptiveOption[]): boolean =>
  new Set(candidates.map(({ name }) => name)).size === candidates.length;

/**
 * `adaptive`: which of the candidates does the task is decided as it runs: the first whose `when` holds, or the one that
 * outcomes speak for. When it fails, the next one takes over, once.
 */
export const adaptiveParamsSchema = (taskSchema: TaskSchema): z.ZodType<AdaptiveParams> =>
  z
    .strictObject({
      ...callOptionsShape,
      candidates: z
        .array(
          taskSchema<{ name: string; when?: string }>({
            name: nameSchema,
            when: expressionSchema.optional().describe('jq over the input; the candidate can do it when it holds.'),
          }),
        )
        .min(2)
        .max(20)
        .refine(haveOwnNames, 'names must be unique'),
      by: z.enum(['rule', 'learned']).default('rule').describe('The first that can, or the one that did best.'),
      key: z
        .string()
        .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be 1 to 100 characters of A-Z a-z 0-9 . _ -')
        .optional()
        .describe('Names what is learned, in the shared memory of the organisation as adaptive.<key>.'),
      features: expressionSchema
        .optional()
        .describe('jq over the input: outcomes of tasks with the same features count, where there are any.'),
      explore: z.number().min(0).max(1).default(0.1).describe('Share of the tasks that any candidate may get.'),
      switch: z.boolean().default(true).describe('Whether another candidate takes over when the first one fails.'),
      input: jsonSchema.optional(),
      outputSchema: schemaDocumentSchema.optional(),
    })
    .refine(({ by, key }) => by === 'rule' || key !== undefined, { path: ['key'], message: 'is needed to learn' })
    .meta({ id: 'AdaptiveParams' }) as unknown as z.ZodType<AdaptiveParams>;
