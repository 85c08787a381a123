import { z } from 'zod';
import { type Json, jsonSchema, nameSchema } from './json.js';
import { pageQuerySchema } from './lists.js';

/** Whose an entry is: one run's, a session's (a name that callers agree on), or the whole organisation's. */
export const MEMORY_SCOPES = ['run', 'session', 'organisation'] as const;
export const memoryScopeSchema = z.enum(MEMORY_SCOPES).meta({ id: 'MemoryScope' });
export type MemoryScope = z.infer<typeof memoryScopeSchema>;

/** Sessions are named, the organisation is not; a run means itself unless it names another. */
export const hasPlace = ({ scope, scopeId }: { scope: MemoryScope; scopeId?: string }): boolean =>
  scope === 'run' || (scope === 'session') === (scopeId !== undefined);
export const MEMORY_PLACE = {
  path: ['scopeId'],
  message: 'is needed with scope session, and the organisation has none',
};

export interface MemoryPlace {
  scope: MemoryScope;
  /** Id of the run, name of the session; empty for the organisation. */
  scopeId: string;
}
export interface MemoryAddress extends MemoryPlace {
  key: string;
}
/** Also an agent's own state, by its id: it stands below the agent, where no run and no search finds it. */
export type KeptPlace = MemoryPlace | { scope: 'agent'; scopeId: string };
export type KeptAddress = KeptPlace & { key: string };

/** JSON of one value. */
export const MAX_MEMORY_BYTES = 1_024 * 1_024;
/** Items of a list that grows by appending. */
export const MAX_MEMORY_ITEMS = 10_000;

const present = jsonSchema.refine((value) => value !== undefined, 'is needed; null is a value') as z.ZodType<Json>;
const ttlMs = z
  .int()
  .min(1)
  .max(365 * 86_400_000)
  .optional();

/** `PUT …/{key}`: a new value. */
export const putMemorySchema = z
  .strictObject({
    value: present,
    ifVersion: z
      .int()
      .nonnegative()
      .optional()
      .describe('Compare-and-set: the version that must stand, 0 for none. The header If-Match says the same.'),
    ttlMs: ttlMs.describe('Milliseconds until it is gone; it stays unless said.'),
  })
  .meta({ id: 'PutMemory' });
export type PutMemory = z.infer<typeof putMemorySchema>;

/** `POST …/{key}/append`: one more item of a list, which begins empty. */
export const appendMemorySchema = z
  .strictObject({
    item: present,
    maxItems: z.int().min(1).max(MAX_MEMORY_ITEMS).optional().describe('The oldest items above it go.'),
    ttlMs: ttlMs.describe('Milliseconds until the whole list is gone; as it was unless said.'),
  })
  .meta({ id: 'AppendMemory' });
export type AppendMemory = z.infer<typeof appendMemorySchema>;

export const listMemorySchema = pageQuerySchema.extend({
  prefix: nameSchema.optional().describe('Only keys that begin with it.'),
});
export type ListMemory = z.infer<typeof listMemorySchema>;

export const searchMemorySchema = z
  .strictObject({
    query: z.string().min(1).max(1_000).describe('Words; "exact words", or, and -without as in web searches.'),
    scope: memoryScopeSchema.optional(),
    scopeId: nameSchema.optional(),
    prefix: nameSchema.optional(),
    limit: z.int().min(1).max(200).default(20),
  })
  .refine(({ scope, scopeId }) => scopeId === undefined || scope === 'run' || scope === 'session', {
    path: ['scopeId'],
    message: 'goes with scope run or session',
  })
  .meta({ id: 'SearchMemory' });
export type SearchMemory = z.infer<typeof searchMemorySchema>;

const time = z.string().describe('RFC 3339');

/** An entry without its value, as lists and writes answer. */
export const memorySummarySchema = z
  .object({
    scope: z.enum([...MEMORY_SCOPES, 'agent']),
    scopeId: z.string().nullable().describe('Run, session or agent; null for the organisation'),
    key: z.string(),
    version: z.int().describe('1 when it is new, one more with each change.'),
    bytes: z.int(),
    updatedBy: z.object({ type: z.enum(['api-key', 'run']), id: z.string() }),
    createdAt: time,
    updatedAt: time,
    expiresAt: time.nullable(),
  })
  .meta({ id: 'MemorySummary' });
export type MemorySummary = z.infer<typeof memorySummarySchema>;

export const memoryEntrySchema = memorySummarySchema.extend({ value: jsonSchema }).meta({ id: 'MemoryEntry' });
/** An entry with its value. */
export type MemoryEntry = z.infer<typeof memoryEntrySchema>;

export const memoryHitSchema = memorySummarySchema
  .extend({
    rank: z.number().describe('The higher, the better it fits.'),
    snippet: z.string().describe('Around the words that were found, which stand between **.'),
  })
  .meta({ id: 'MemoryHit' });
/** An entry that a search found, without its value. */
export type MemoryHit = z.infer<typeof memoryHitSchema>;
