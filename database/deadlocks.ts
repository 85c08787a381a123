import type { DeadlockLink } from '../contracts/needs.js';
import { audit } from './audit.repository.js';
import type { Database, Tx } from './database.js';
import { type Deadlock, deadlocks, type WorkHolding } from './deadlock-rules.js';
import { type Standing, TURN, WORK } from './grant-leases.js';
import { RunEventWriter } from './run-events.js';
import { isUuid } from './uuid.js';

/** How long whoever asked can read why it never gets its turn. */
const KEPT_MS = 60_000;

/** Of each circle of requests that wait for each other one is refused. The caller holds the lock on leases. */
export async function resolveDeadlocks(tx: Tx, orgId: string, { capacities, queue }: Standing): Promise<Deadlock[]> {
  const holdings = await tx<WorkHolding>(
    `SELECT ${WORK} AS work, resource, amount FROM resource_lease WHERE state = 'held' ORDER BY ${TURN}`,
  );
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
