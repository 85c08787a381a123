import { z } from 'zod';
import { nameSchema } from './json.js';
import { pageQuerySchema } from './lists.js';
import { unitsSchema } from './needs.js';
import { prioritySchema } from './runs.js';

/** `PUT /v1/resources/{name}`: something that only so many can use at once. */
export const putResourceSchema = z
  .strictObject({
    capacity: unitsSchema.describe('Units that there are.'),
    unit: z.string().min(1).max(64).optional().describe('What one unit is, such as `card` or `seat`.'),
  })
  .meta({ id: 'PutResource' });
export type PutResource = z.infer<typeof putResourceSchema>;

const time = z.string().describe('RFC 3339');

export const resourceSchema = z
  .object({
    name: nameSchema,
    capacity: unitsSchema,
    unit: z.string().nullable(),
    held: z.int().min(0).describe('Units that are leased now; never above the capacity.'),
    waiting: z.int().min(0).describe('Requests that wait.'),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Resource' });
export type Resource = z.infer<typeof resourceSchema>;

const DAY_MS = 86_400_000;
const ttlMs = z.int().min(1_000).max(DAY_MS);

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
  })
  .meta({ id: 'RequestLease' });
export type RequestLease = z.infer<typeof requestLeaseSchema>;

/** `POST /v1/resources/{name}/leases/{leaseId}/renew`. */
export const renewLeaseSchema = z
  .strictObject({ ttlMs: ttlMs.default(60_000).describe('Milliseconds from now.') })
  .meta({ id: 'RenewLease' });
export type RenewLease = z.infer<typeof renewLeaseSchema>;

export const leaseStateSchema = z.enum(['waiting', 'held']);
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
  })
  .meta({ id: 'Lease' });
export type Lease = z.infer<typeof leaseSchema>;
