import { BrikkError } from '../contracts/errors.js';
import type { Tx } from './database.js';
import { grantable, type WaitingRequest } from './lease-rules.js';

/** A lease is over when its time is, and when its run has ended. */
export const LIVE_LEASE = `expires_at > clock_timestamp()
  AND NOT EXISTS (SELECT FROM run r WHERE r.id = resource_lease.run_id AND r.finished_at IS NOT NULL)`;

/**
 * Until the transaction ends nobody else changes leases of the organisation; what is over is gone. Taken after rows of
 * runs, never before them, so that nobody waits in a circle.
 */
export async function lockLeases(tx: Tx): Promise<void> {
  await Promise.all([
    tx(`SELECT pg_advisory_xact_lock(hashtextextended('resources ' || $1, 0))`, [tx.orgId]),
    tx(`DELETE FROM resource_lease WHERE NOT (${LIVE_LEASE})`),
  ]);
}

/** The queue as it stands after the grants, and what each resource can hold. */
export interface Standing {
  capacities: ReadonlyMap<string, number>;
  queue: WaitingRequest[];
}

/** Gives those whose turn it is what they need; the caller holds the lock. */
export async function grantLeases(tx: Tx): Promise<Standing> {
  const [capacities, held, waiting] = await Promise.all([
    readCapacities(tx),
    tx<{ resource: string; amount: string }>(
      `SELECT resource, sum(amount) AS amount FROM resource_lease WHERE state = 'held' GROUP BY resource`,
    ),
    tx<{ id: string; needs: Record<string, number> }>(
      `SELECT request_id AS id, json_object_agg(resource, amount) AS needs FROM resource_lease WHERE state = 'waiting'
       GROUP BY request_id, priority, requested_at ORDER BY priority, requested_at, request_id`,
    ),
  ]);
  const queue = waiting.map(({ id, needs }) => ({ id, needs: new Map(Object.entries(needs)) }));
  const inUse = new Map(held.map(({ resource, amount }) => [resource, Number(amount)]));
  const granted = new Set(grantable(capacities, inUse, queue));
  if (granted.size > 0)
    await tx(
      `UPDATE resource_lease SET state = 'held', granted_at = clock_timestamp(),
         expires_at = clock_timestamp() + ttl_ms * interval '1 ms'
       WHERE request_id = ANY($1::uuid[])`,
      [[...granted]],
    );
  return { capacities, queue: queue.filter(({ id }) => !granted.has(id)) };
}

/** Units of the resources that there are, by name. */
export async function readCapacities(tx: Tx): Promise<Map<string, number>> {
  const rows = await tx<{ name: string; capacity: number }>('SELECT name, capacity FROM resource');
  return new Map(rows.map(({ name, capacity }) => [name, capacity]));
}

export const resourceNotFound = (name: string): BrikkError =>
  new BrikkError('resource.not_found', `There is no resource ${name}`);
