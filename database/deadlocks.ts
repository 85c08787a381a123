import type { DeadlockLink } from '../contracts/needs.js';
import { audit } from './audit.repository.js';
import type { Database, Tx } from './database.js';
import { type AwaitedRequest, type Deadlock, deadlocks, type WorkHolding } from './deadlock-rules.js';
import { TURN } from './grant-leases.js';
import { RunEventWriter } from './run-events.js';
import { isUuid } from './uuid.js';

/** How long whoever asked can read why it never gets its turn. */
const KEPT_MS = 60_000;

/**
 * For what a lease is. The work on a call goes by its idempotency key, whoever leases for it; what a key names itself is
 * its own; a request that names nothing stands for itself.
 */
const WORK = `CASE WHEN run_id IS NOT NULL THEN run_id || '/' || call_key
  WHEN work ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/' THEN work
  ELSE coalesce(key_id || ' ' || work, request_id::text) END`;

/** Of each circle of requests that wait for each other one is refused. The caller holds the lock on leases. */
export async function resolveDeadlocks(
  tx: Tx,
  orgId: string,
  capacities: ReadonlyMap<string, number>,
): Promise<Deadlock[]> {
  const [waiting, holdings] = await Promise.all([
    tx<Omit<AwaitedRequest, 'needs'> & { needs: Record<string, number> }>(
      `SELECT request_id AS id, min(${WORK}) AS work, json_object_agg(resource, amount) AS needs, min(priority) AS priority,
         1000 * extract(epoch FROM min(requested_at))::float8 AS "requestedAt"
       FROM resource_lease WHERE state = 'waiting' GROUP BY request_id
       ORDER BY min(-coalesce(bid_usd, 0) / amount), min(priority), min(requested_at), request_id`,
    ),
    tx<WorkHolding>(
      `SELECT ${WORK} AS work, resource, amount FROM resource_lease WHERE state = 'held' ORDER BY ${TURN}`,
    ),
  ]);
  const queue = waiting.map(({ needs, ...row }) => ({ ...row, needs: new Map(Object.entries(needs)) }));
  const holding = new Set(holdings.map(({ work }) => work));
  // A circle takes somebody who waits for one thing and has another.
  if (!queue.some(({ work }) => holding.has(work))) return [];
  const found = deadlocks(capacities, holdings, queue);
  for (const { requestId, cycle } of found) await refuse(tx, orgId, requestId, cycle);
  return found;
}

async function refuse(tx: Tx, orgId: string, requestId: string, cycle: DeadlockLink[]): Promise<void> {
  await tx(
    `UPDATE resource_lease SET state = 'refused', refusal = $2,
       expires_at = greatest(expires_at, clock_timestamp() + $3 * interval '1 ms') WHERE request_id = $1`,
    [requestId, JSON.stringify({ code: 'resource.deadlock', cycle }), KEPT_MS],
  );
  await audit(tx, {
    orgId,
    actor: { type: 'system', id: 'sweeper', via: 'worker' },
    action: 'lease.deadlocked',
    target: `${cycle[0]?.resource}/${requestId}`,
    outcome: 'ok',
    requestId,
  });
}

/** In the stream of every run with a call in the circle: it names all who were in it. */
export async function tellDeadlocks(database: Database, orgId: string, found: readonly Deadlock[]): Promise<void> {
  const events = new RunEventWriter(database);
  for (const { requestId, cycle } of found) {
    const runs = new Set(
      cycle.flatMap(({ work }) => (isUuid(work.slice(0, 36)) && work[36] === '/' ? [work.slice(0, 36)] : [])),
    );
    const data = { refused: cycle[0]?.work ?? '', cycle };
    for (const runId of runs)
      await events.append(orgId, runId, [{ key: `deadlock/${requestId}`, type: 'resource.deadlock', data }]);
  }
}
