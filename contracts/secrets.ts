import { z } from 'zod';
import { type Json, jsonSchema, nameSchema } from './json.js';

/** JSON of one value, before it is sealed. */
export const MAX_SECRET_BYTES = 64 * 1_024;

/** `PUT /v1/secrets/{name}`: text, or an object such as `{username, password}`. */
export const putSecretSchema = z
  .strictObject({
    value: (
      z.union([z.string().min(1), z.record(nameSchema, jsonSchema)], 'must be text or an object') as z.ZodType<
        string | { [field: string]: Json }
      >
    )
      .refine((value) => JSON.stringify(value).length <= MAX_SECRET_BYTES, `must be at most ${MAX_SECRET_BYTES} bytes`)
      .describe('Text, or an object such as {"username": "…", "password": "…"}. It is never shown again.'),
  })
  .meta({ id: 'PutSecret' });
export type PutSecret = z.infer<typeof putSecretSchema>;

/** A secret as it is listed: its value is never readable again. */
export const secretSummarySchema = z
  .object({
    name: nameSchema,
    version: z.int().min(1).describe('Counts its values.'),
    updatedAt: z.string().describe('RFC 3339'),
    updatedBy: z.object({ type: z.literal('api-key'), id: z.string() }),
  })
  .meta({ id: 'Secret' });
export type SecretSummary = z.infer<typeof secretSummarySchema>;
