import { z } from 'zod';
import { nameOrTemplateSchema } from './templates.js';
import { hasPlace, MEMORY_PLACE, type MemoryScope, memoryScopeSchema } from './memory.js';

/** What of the shared memory a call is told. */
export interface Recall {
  /** Undefined: a search of all scopes. */
  scope?: MemoryScope;
  scopeId?: string;
  keys?: string[];
  prefix?: string;
  query?: string;
  limit: number;
}

/**
 * Entries by their `keys`, by a `prefix` of them, or by the words of a `query`, the first that fit. Texts may be templates
 * over the input of the call, where `$input` is that of the pattern.
 */
export const recallSchema: z.ZodType<Recall> = z
  .strictObject({
    scope: memoryScopeSchema.optional().describe('run unless said; a query looks everywhere.'),
    scopeId: nameOrTemplateSchema
      .optional()
      .describe('Name of the session, id of another run; its own run unless said.'),
    keys: z.array(nameOrTemplateSchema).min(1).max(100).optional(),
    prefix: nameOrTemplateSchema.optional().describe('Keys that begin with it, in order; of a query, where it looks.'),
    query: z.string().min(1).max(1_000).optional().describe('Words, the best entry first.'),
    limit: z.int().min(1).max(200).default(20).describe('Entries of a prefix or a query.'),
  })
  .refine(({ keys, prefix, query }) => (keys === undefined) !== ((prefix ?? query) === undefined), {
    message: 'needs either keys, or a prefix or query',
  })
  .transform(({ scope, ...rest }) => ({
    ...rest,
    scope: scope ?? (rest.query === undefined ? ('run' as const) : undefined),
  }))
  .refine(
    ({ scope, scopeId }) => (scope === undefined ? scopeId === undefined : hasPlace({ scope, scopeId })),
    MEMORY_PLACE,
  );
