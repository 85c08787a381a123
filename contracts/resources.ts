import { z } from 'zod';
import { nameSchema } from './json.js';
import { pageQuerySchema } from './lists.js';
import { leaseRefusalSchema, unitsSchema } from './needs.js';
import { prioritySchema } from './priority.js';

const HOUR_MS = 3_600_000;
const grantBySchema = z
  .enum(['priority', 'market'])
  .describe('Whose turn it is: by priority, then age; or by the highest bid for a unit, then as with priority.');
const noticeMs = z
  .int()
  .min(0)
  .max(HOUR_MS)
  .describe('A request of higher priority takes units that keys hold, so many milliseconds after they have notice.');

/** `PUT /v1/resources/{name}`: something that only so many can use at once. */
export const putResourceSchema = z
  .strictObject({
    capacity: unitsSchema.describe('Units that there are.'),
    unit: z.string().min(1).max(64).optional().describe('What one unit is, such as `card` or `seat`.'),
    grantBy: grantBySchema.optional(),
    noticeMs: noticeMs.optional(),
  })
  .meta({ id: 'PutResource' });
export type PutResource = z.infer<typeof putResourceSchema>;

const time = z.string().describe('RFC 3339');

export const resourceSchema = z
  .object({
    name: nameSchema,
    capacity: unitsSchema,
    unit: z.string().nullable(),
    grantBy: grantBySchema,
    noticeMs: noticeMs.nullable().describe('null: nothing is ever taken from those who hold it.'),
    held: z.int().min(0).describe('Units that are leased now; never above the capacity.'),
    waiting: z.int().min(0).describe('Requests that wait.'),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Resource' });
/** What only so many can use at once, and how much of it is leased. */
export type Resource = z.infer<typeof resourceSchema>;

const DAY_MS = 86_400_000;
const ttlMs = z.int().min(1_000).max(DAY_MS);

export const usdSchema = z.number().min(0).max(1e9);
const workSchema = z
  .string()
  .min(1)
  .max(512)
  .describe(
    'What it is for. Leases of the same work belong together: who holds one and waits for the other is seen where several ' +
      'wait in a circle. For the work on a call its idempotency key, so that what the call holds belongs to it, too.',
  );

/** `POST /v1/resources/{name}/leases`: units for whoever holds the key. */
export const requestLeaseSchema = z
  .strictObject({
    amount: unitsSchema.default(1),
    priority: prioritySchema.default('normal').describe('The higher is served first, and among equals the older.'),
    ttlMs: ttlMs.default(60_000).describe('Milliseconds that it is held unless it is renewed or released.'),
    waitMs: z
      .int()
      .min(0)
      .max(DAY_MS)
      .default(0)
      .describe('Milliseconds that the request may wait for its turn; without it 409 when the units are not free.'),
    work: workSchema.optional(),
    bidUsd: usdSchema.optional().describe('For all units, where a market decides whose turn it is.'),
  })
  .meta({ id: 'RequestLease' });
export type RequestLease = z.infer<typeof requestLeaseSchema>;

/** `POST /v1/resources/{name}/leases/{leaseId}/renew`. */
export const renewLeaseSchema = z
  .strictObject({ ttlMs: ttlMs.default(60_000).describe('Milliseconds from now.') })
  .meta({ id: 'RenewLease' });
export type RenewLease = z.infer<typeof renewLeaseSchema>;

export const leaseStateSchema = z.enum(['waiting', 'held', 'refused']);
export const listLeasesSchema = pageQuerySchema.extend({ state: leaseStateSchema.optional() });
export type ListLeases = z.infer<typeof listLeasesSchema>;

export const leaseSchema = z
  .object({
    id: z.string(),
    resource: nameSchema,
    state: leaseStateSchema,
    amount: unitsSchema,
    priority: prioritySchema,
    holder: z.discriminatedUnion('type', [
      z.object({ type: z.literal('run'), runId: z.string(), callKey: z.string() }),
      z.object({ type: z.literal('api-key'), id: z.string() }),
    ]),
    requestedAt: time,
    grantedAt: time.nullable(),
    expiresAt: time.describe('Until then it is held, or waits, unless it is renewed.'),
    work: z.string().optional(),
    bidUsd: usdSchema.optional(),
    priceUsd: usdSchema.optional().describe('What it costs its holder: as the market or an accepted offer says.'),
    preemptedBy: z
      .string()
      .optional()
      .describe('The request of higher priority that gets it at `expiresAt`; it cannot be renewed.'),
    refusal: leaseRefusalSchema.optional().describe('Why it never gets its turn: who waits for whom in a circle.'),
  })
  .meta({ id: 'Lease' });
/** Units of a resource that somebody holds, or waits for. */
export type Lease = z.infer<typeof leaseSchema>;
