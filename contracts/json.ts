import { z } from 'zod';

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Any JSON value. What keeps it small (depth, length, no U+0000) is checked once, on the raw body. */
export const jsonSchema: z.ZodType<Json> = z.any().meta({ id: 'Json', description: 'Any JSON value.' });

/** A JSON Schema (2020-12) that a user supplies; it is compiled by ajv where it is used. */
export const schemaDocumentSchema = z.union([z.boolean(), z.record(z.string(), jsonSchema)]);
export type SchemaDocument = z.infer<typeof schemaDocumentSchema>;

/** Names of agents, capabilities, steps, labels: 1 to 128 of `A-Z a-z 0-9 . _ -`. */
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,128}$/, 'must be 1 to 128 characters of A-Z a-z 0-9 . _ -');

/** Free labels for filtering; at most 32. */
export const labelsSchema = z
  .record(nameSchema, z.string().max(256))
  .refine((labels) => Object.keys(labels).length <= 32, 'must have at most 32 labels');

/** A semantic version such as `1.4.0` (semver.org 2.0.0). */
export const versionSchema = z
  .string()
  .max(64)
  .regex(
    /^\d{1,9}\.\d{1,9}\.\d{1,9}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/,
    'must be a semantic version such as 1.4.0',
  );
