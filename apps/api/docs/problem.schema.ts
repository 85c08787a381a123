import { z } from 'zod';
import { ERRORS } from '../../../contracts/errors.js';
import { jsonSchema } from '../../../contracts/json.js';

const violationSchema = z.object({
  path: z.string().describe('Such as with.steps[2].name'),
  message: z.string(),
  allowed: jsonSchema.optional(),
  didYouMean: z.string().optional(),
  code: z.string().optional().describe('Of a mistake in a definition.'),
  line: z.int().optional(),
  column: z.int().optional(),
});

/** RFC 9457 problem details. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(ERRORS) as [string, ...string[]]),
    detail: z.string(),
    errors: z.array(violationSchema).optional(),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' });
