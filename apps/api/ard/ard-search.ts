import { z } from 'zod';
import { jsonSchema } from '../../../contracts/json.js';

const valuesSchema = z.union([z.string().max(512), z.array(z.string().max(512)).min(1).max(50)]);

/** `POST /search` of a registry (ARD 0.91, 5.3.2). */
export const ardSearchSchema = z.strictObject({
  query: z.strictObject({
    '@context': jsonSchema.optional(),
    text: z.string().min(1).max(2_000),
    filter: z.record(z.string().max(256), valuesSchema).optional(),
  }),
  federation: z.enum(['auto', 'referrals', 'none']).default('auto'),
  pageSize: z.int().min(1).max(100).default(10),
  pageToken: z.string().max(512).optional(),
});
export type ArdSearch = z.infer<typeof ardSearchSchema>;
