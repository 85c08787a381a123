import { z } from 'zod';
import { jsonSchema, nameSchema } from './json.js';

/** `POST /v1/runs/{id}/rerun`. */
export const rerunSchema = z
  .strictObject({
    fromStep: nameSchema.optional().describe('Earlier steps of a sequential run keep their journaled results.'),
    calls: z
      .literal('failed')
      .optional()
      .describe(
        'Calls that completed, and had begun before the first one failed, keep their journaled results; in the other ' +
          'branches of `concurrent` all that completed do. Those that failed, and what may rest on them, are made again.',
      ),
    input: jsonSchema.optional(),
    items: z
      .enum(['all', 'failed'])
      .optional()
      .describe('Of a bulk run: all of its items (unless said), or those that did not complete.'),
    reason: z.string().min(1).max(1_000),
  })
  .refine(({ fromStep, calls }) => fromStep === undefined || calls === undefined, {
    path: ['calls'],
    message: 'does not go with fromStep: each says what is kept',
  })
  .refine(({ fromStep, calls, input }) => (fromStep ?? calls) === undefined || input === undefined, {
    path: ['input'],
    message: 'cannot change when earlier results are kept',
  })
  .meta({ id: 'Rerun' });
export type Rerun = z.infer<typeof rerunSchema>;
