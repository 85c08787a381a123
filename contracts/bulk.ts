import { z } from 'zod';
import { budgetSchema } from './budget.js';
import { jsonSchema } from './json.js';
import { PATTERN_PARAMS, PATTERNS, type PatternName } from './patterns.js';
import { pageQuerySchema } from './lists.js';
import {
  acceptedRunSchema,
  bulkCountsSchema,
  contributionSchema,
  ITEM_STATUSES,
  runErrorSchema,
  runFields,
  type StartRun,
  terminationReasonSchema,
} from './runs.js';

export const MAX_BULK_ITEMS = 10_000;
export const MAX_BULK_BYTES = 32 * 1_024 * 1_024;
/** What a run of its own may take. */
export const MAX_ITEM_BYTES = 1_024 * 1_024;
/** The parameters travel to several shards at once, in one message of the engine. */
export const MAX_WITH_BYTES = 512 * 1_024;
/** Items that one workflow works off. */
export const SHARD_ITEMS = 500;

/** The fields of a run that its items share. */
type SharedFields<Start> = Start extends StartRun ? Omit<Start, 'input'> : never;
export type StartBulk = SharedFields<StartRun> & { inputs: z.infer<typeof jsonSchema>[]; maxConcurrency: number };

export const inputsSchema = z.array(jsonSchema).min(1).max(MAX_BULK_ITEMS).describe('The `input` of each item.');
export const maxConcurrencySchema = z.int().min(1).max(1_000);

/** `POST /v1/runs/bulk`: one pattern with its parameters, done for each of the inputs. */
export const startBulkSchema: z.ZodType<StartBulk> = z
  .discriminatedUnion('pattern', [bulkOf(PATTERNS[0]), ...PATTERNS.slice(1).map(bulkOf)])
  .meta({ id: 'StartBulk' }) as unknown as z.ZodType<StartBulk>;

function bulkOf(name: PatternName) {
  return z.strictObject({
    pattern: z.literal(name),
    with: PATTERN_PARAMS[name] as z.ZodType,
    inputs: inputsSchema,
    maxConcurrency: maxConcurrencySchema.default(1_000).describe('Items under way at once.'),
    ...runFields,
    budget: budgetSchema
      .optional()
      .describe('Over all items: each amount, agents and time. Rounds and depth hold in each item.'),
  });
}

export const acceptedBulkSchema = acceptedRunSchema.extend({ bulk: bulkCountsSchema }).meta({ id: 'AcceptedBulk' });
/** A bulk run that is on record, with its items counted. */
export type AcceptedBulk = z.infer<typeof acceptedBulkSchema>;

const time = z.string().nullable().describe('RFC 3339');

/** One item as a list shows it. An output that is too large for its row is only in the item itself. */
export const bulkItemSchema = z
  .object({
    index: z.int().describe('Its place among the inputs, from 0.'),
    status: z.enum(ITEM_STATUSES),
    terminationReason: terminationReasonSchema.nullable(),
    output: jsonSchema.optional(),
    outputRef: z.string().optional(),
    error: runErrorSchema.nullable(),
    degraded: z.boolean(),
    warnings: z.array(z.string()),
    runId: z
      .string()
      .describe(
        'The run whose events tell of it: below `/items/<index>`, or all of them where items follow a definition.',
      ),
    startedAt: time,
    finishedAt: time,
  })
  .meta({ id: 'BulkItem' });
export type BulkItem = z.infer<typeof bulkItemSchema>;

/** `GET /v1/runs/{id}/items/{index}`: with its input, the whole output, and the calls that made it. */
export const bulkItemDetailSchema = bulkItemSchema
  .omit({ outputRef: true })
  .extend({ input: jsonSchema, output: jsonSchema, contributions: z.array(contributionSchema) })
  .meta({ id: 'BulkItemDetail' });
export type BulkItemDetail = z.infer<typeof bulkItemDetailSchema>;

export const listItemsSchema = pageQuerySchema.extend({ status: z.enum(ITEM_STATUSES).optional() });
export type ListItems = z.infer<typeof listItemsSchema>;
