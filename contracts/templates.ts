import { z } from 'zod';

/** A JSON literal, or jq over the caller's data when it is a string in `${ }`. */
export const expressionSchema = z.string().min(1).max(65_536);

/** A name, or jq in `${ }` that gives one. */
export const nameOrTemplateSchema = expressionSchema.refine(
  (text) => text.includes('${') || /^[A-Za-z0-9._-]{1,128}$/.test(text),
  'must be 1 to 128 characters of A-Z a-z 0-9 . _ -, or jq in ${ }',
);
