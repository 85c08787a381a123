import { z } from 'zod';
import { jsonSchema, nameSchema } from './json.js';

/** `POST /v1/runs/{id}/rerun`. */
export const rerunSchema = z
  .strictObject({
    fromStep: nameSchema.optional().describe('Earlier steps of a sequential run keep their journaled results.'),
    input: jsonSchema.optional(),
    items: z
      .enum(['all', 'failed'])
      .optional()
      .describe('Of a bulk run: all of its items (unless said), or those that did not complete.'),
    reason: z.string().min(1).max(1_000),
  })
  .refine(({ fromStep, input }) => fromStep === undefined || input === undefined, {
    path: ['input'],
    message: 'input cannot change when fromStep keeps earlier results',
  })
  .meta({ id: 'Rerun' });
export type Rerun = z.infer<typeof rerunSchema>;
