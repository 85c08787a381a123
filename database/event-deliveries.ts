import type { NumberedEvent } from '../contracts/event-bus.js';
import { OPEN_WEBHOOK_STATUSES } from '../contracts/webhook-deliveries.js';
import type { Database, Tx } from './database.js';

/** Deliveries of one listener that are due, in the order of their numbers. */
export interface DueDeliveries {
  orgId: string;
  listenerId: string;
  /** Of a schedule. */
  workflow: string | null;
  /** A webhook endpoint. */
  isEndpoint: boolean;
  /** Nobody listens any more. */
  isOver: boolean;
  events: NumberedEvent[];
}

const OPEN = OPEN_WEBHOOK_STATUSES.map((status) => `'${status}'`).join(', ');

/** A listener that could not be told is told again after 1 s, 2 s, 4 s, at most 8 s. */
const CLAIM = `
  UPDATE bus_delivery SET attempts = attempts + 1, due_at = now() + pow(2, least(attempts, 3)) * interval '1 s'
  WHERE (listener_id, number) IN (
    SELECT listener_id, number FROM bus_delivery WHERE status = 'pending' AND due_at <= now()
    ORDER BY due_at, listener_id, number LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING org_id AS "orgId", listener_id AS "listenerId", number::float8 AS number`;

/** What is due, each given to one of those who ask; whoever has told a listener calls `settleDeliveries`. */
export async function claimDeliveries(database: Database, limit: number): Promise<DueDeliveries[]> {
  const claimed = await database.asDispatch((tx) =>
    tx<{ orgId: string; listenerId: string; number: number }>(CLAIM, [limit]),
  );
  const byListener = new Map<string, { orgId: string; numbers: number[] }>();
  for (const { orgId, listenerId, number } of claimed) {
    const known = byListener.get(listenerId);
    if (known) known.numbers.push(number);
    else byListener.set(listenerId, { orgId, numbers: [number] });
  }
  return Promise.all(
    [...byListener].map(([listenerId, { orgId, numbers }]) =>
      database.inOrg(orgId, (tx) => loadDeliveries(tx, orgId, listenerId, numbers)),
    ),
  );
}

async function loadDeliveries(tx: Tx, orgId: string, listenerId: string, numbers: number[]): Promise<DueDeliveries> {
  const [[listener], events] = await Promise.all([
    tx<{ workflow: string | null; isEndpoint: boolean; isOver: boolean }>(
      `SELECT l.workflow, l.is_endpoint AS "isEndpoint", l.workflow IS NULL AND r.finished_at IS NOT NULL AS "isOver"
       FROM bus_listener l LEFT JOIN run r ON r.id = l.id WHERE l.id = $1`,
      [listenerId],
    ),
    tx<NumberedEvent>(
      `SELECT d.number::float8 AS number, e.event FROM bus_delivery d JOIN bus_event e ON e.key = d.event_key
       WHERE d.listener_id = $1 AND d.number = ANY($2::bigint[]) ORDER BY d.number`,
      [listenerId, numbers],
    ),
  ]);
  const { workflow = null, isEndpoint = false, isOver = true } = listener ?? {};
  return { orgId, listenerId, workflow, isEndpoint, isOver, events };
}

export async function settleDeliveries(
  tx: Tx,
  listenerId: string,
  numbers: number[],
  status: 'delivered' | 'dropped',
): Promise<void> {
  await tx(`UPDATE bus_delivery SET status = $3 WHERE listener_id = $1 AND number = ANY($2::bigint[])`, [
    listenerId,
    numbers,
    status,
  ]);
}

/** A run whose workflow begins anew, since the engine lost it, hears everything again. */
export async function redeliver(tx: Tx, runId: string): Promise<void> {
  await tx(
    `UPDATE bus_delivery SET status = 'pending', due_at = now() WHERE listener_id = $1 AND status = 'delivered'`,
    [runId],
  );
}

/**
 * Old events go, but for those of runs that go on, since a lost workflow hears them again, and those that endpoints still
 * wait for. Ended runs no longer listen.
 */
export async function sweepEvents(database: Database, keepMs: number): Promise<void> {
  const orgs = await database.asDispatch((tx) =>
    tx<{ orgId: string }>(
      `SELECT DISTINCT org_id AS "orgId" FROM bus_listener WHERE workflow IS NULL AND NOT is_endpoint
       UNION SELECT DISTINCT org_id FROM bus_event WHERE accepted_at < now() - $1 * interval '1 ms'`,
      [keepMs],
    ),
  );
  for (const { orgId } of orgs)
    await database.inOrg(orgId, async (tx) => {
      await tx(
        `WITH ended AS (
           DELETE FROM bus_listener l USING run r WHERE r.id = l.id AND r.finished_at < now() - interval '1 min'
           RETURNING l.id
         ) DELETE FROM bus_subscription WHERE listener_id IN (SELECT id FROM ended)`,
      );
      await tx(
        `WITH old AS (
           DELETE FROM bus_event e WHERE accepted_at < now() - $1 * interval '1 ms' AND NOT EXISTS (
             SELECT FROM bus_delivery d JOIN bus_listener l ON l.id = d.listener_id
             WHERE d.event_key = e.key AND (l.workflow IS NULL AND NOT l.is_endpoint OR d.status = 'pending'))
             AND NOT EXISTS (SELECT FROM webhook_delivery w WHERE w.event_key = e.key AND w.status IN (${OPEN}))
           RETURNING key
         ) DELETE FROM bus_delivery WHERE event_key IN (SELECT key FROM old)`,
        [keepMs],
      );
    });
}
