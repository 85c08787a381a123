import { z } from 'zod';

/** `key=value`, or a key alone for any value. */
export const labelFilterSchema = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,128}(=.{0,256})?$/s, 'must be key=value, or a key alone');
