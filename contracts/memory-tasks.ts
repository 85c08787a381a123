import { z } from 'zod';
import { durationSchema } from './durations.js';
import { expressionSchema, nameOrTemplateSchema } from './templates.js';
import { type Json, jsonSchema } from './json.js';
import { hasPlace, MAX_MEMORY_ITEMS, MEMORY_PLACE, type MemoryScope, memoryScopeSchema } from './memory.js';

/** The catalogue functions of shared memory. */
export const MEMORY_CALLS = ['memory.get', 'memory.put', 'memory.append', 'memory.search'] as const;
export type MemoryCallName = (typeof MEMORY_CALLS)[number];

/**
 * Of an entry as steps of one pattern see it. `strong`: a read is of now, a put is refused when the entry changed since the
 * pattern read it; `snapshot`: what the pattern read first, it reads again, and a put is refused likewise; `eventual`: what
 * was read within the last 5 s will do, and the last put stands.
 */
export type MemoryConsistency = 'strong' | 'snapshot' | 'eventual';

interface Entry {
  scope: MemoryScope;
  scopeId?: string;
  key: string;
}
export interface GetParams extends Entry {
  default?: Json;
  consistency?: MemoryConsistency;
}
export interface PutParams extends Entry {
  value?: Json;
  update?: string;
  ifVersion?: Json;
  ttlMs?: number;
  consistency?: MemoryConsistency;
}
export interface AppendParams extends Entry {
  item?: Json;
  maxItems?: number;
  ttlMs?: number;
}
export interface SearchParams {
  query: string;
  scope?: MemoryScope;
  scopeId?: string;
  prefix?: string;
  limit?: number;
}

/** A step or branch that reads or writes shared memory. */
export type MemoryTask = (
  | { call: 'memory.get'; with: GetParams }
  | { call: 'memory.put'; with: PutParams }
  | { call: 'memory.append'; with: AppendParams }
  | { call: 'memory.search'; with: SearchParams }
) & { input?: Json };

const consistency = z.enum(['strong', 'snapshot', 'eventual']).default('strong');
const ttl = durationSchema.optional().describe('When it is gone; it stays unless said.');
const place = {
  scope: memoryScopeSchema.default('run'),
  scopeId: nameOrTemplateSchema.optional().describe('Name of the session, id of another run; its own run unless said.'),
};
const entry = { ...place, key: nameOrTemplateSchema };

const inMs = <Written extends { ttl?: number }>({ ttl: ttlMs, ...rest }: Written) => ({
  ...rest,
  ...(ttlMs === undefined ? {} : { ttlMs }),
});

const WITH = {
  'memory.get': z
    .strictObject({ ...entry, default: jsonSchema.optional().describe('The value where there is none.'), consistency })
    .refine(hasPlace, MEMORY_PLACE),
  'memory.put': z
    .strictObject({
      ...entry,
      value: jsonSchema.optional().describe('A literal, or jq in `${ }`. Default: the data of the task.'),
      update: expressionSchema
        .optional()
        .describe('jq that makes the new value of the standing one (null when there is none), done as one.'),
      ifVersion: z
        .union([z.int().nonnegative(), expressionSchema])
        .optional()
        .describe('The version that must stand, 0 for none.'),
      ttl,
      consistency,
    })
    .refine(hasPlace, MEMORY_PLACE)
    .refine(({ update, value, ifVersion }) => update === undefined || (value ?? ifVersion) === undefined, {
      path: ['update'],
      message: 'goes neither with value nor with ifVersion',
    })
    .transform(inMs),
  'memory.append': z
    .strictObject({
      ...entry,
      item: jsonSchema.optional().describe('A literal, or jq in `${ }`. Default: the data of the task.'),
      maxItems: z.int().min(1).max(MAX_MEMORY_ITEMS).optional(),
      ttl,
    })
    .refine(hasPlace, MEMORY_PLACE)
    .transform(inMs),
  'memory.search': z
    .strictObject({
      query: z.string().min(1).max(1_000),
      scope: memoryScopeSchema.optional(),
      scopeId: nameOrTemplateSchema.optional(),
      prefix: nameOrTemplateSchema.optional(),
      limit: z.int().min(1).max(200).default(20),
    })
    .refine(({ scope, scopeId }) => scopeId === undefined || scope === 'run' || scope === 'session', {
      path: ['scopeId'],
      message: 'goes with scope run or session',
    }),
} satisfies Record<MemoryCallName, z.ZodType>;

/** Tasks of shared memory with the extra fields of where they stand. */
export function memoryTaskOptions(extras: z.core.$ZodShape) {
  const option = (call: MemoryCallName) =>
    z.strictObject({ ...extras, call: z.literal(call), with: WITH[call], input: jsonSchema.optional() });
  return z.discriminatedUnion('call', [
    option('memory.get'),
    option('memory.put'),
    option('memory.append'),
    option('memory.search'),
  ]);
}
