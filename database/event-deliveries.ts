import type { CloudEvent, NumberedEvent } from '../contracts/event-bus.js';
import { OPEN_WEBHOOK_STATUSES } from '../contracts/webhook-deliveries.js';
import type { Database, Tx } from './database.js';
import { groupBy } from './group-by.js';

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
  /** Of a run; the others look for themselves. */
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
  const claimed = await database.asDispatch((tx) => tx<Claimed & { orgId: string }>(CLAIM, [limit]));
  const due = [...groupBy(claimed, ({ orgId }) => orgId)].map(([orgId, ones]) =>
    database.inOrg(orgId, (tx) => loadDeliveries(tx, orgId, ones)),
  );
  return (await Promise.all(due)).flat();
}

interface Claimed {
  listenerId: string;
  number: number;
}

type Listener = Pick<DueDeliveries, 'listenerId' | 'workflow' | 'isEndpoint' | 'isOver'>;

async function loadDeliveries(tx: Tx, orgId: string, claimed: Claimed[]): Promise<DueDeliveries[]> {
  const ids = [...new Set(claimed.map(({ listenerId }) => listenerId))];
  const known = new Map((await tx<Listener>(LISTENERS, [ids])).map((listener) => [listener.listenerId, listener]));
  const due = new Map<string, DueDeliveries>();
  for (const listenerId of ids)
    due.set(listenerId, { ...(known.get(listenerId) ?? { listenerId, ...GONE }), orgId, events: [] });
  const toRuns = claimed.filter(({ listenerId }) => isRun(due.get(listenerId)!));
  if (toRuns.length === 0) return [...due.values()];
  const events = await tx<Claimed & { event: CloudEvent }>(EVENTS, [
    toRuns.map(({ listenerId }) => listenerId),
    toRuns.map(({ number }) => number),
  ]);
  for (const { listenerId, number, event } of events) due.get(listenerId)!.events.push({ number, event });
  return [...due.values()];
}

/** Schedules and endpoints read what they have heard themselves. */
const isRun = ({ workflow, isEndpoint }: Listener): boolean => workflow === null && !isEndpoint;

const GONE = { workflow: null, isEndpoint: false, isOver: true };

const LISTENERS = `
  SELECT l.id AS "listenerId", l.workflow, l.is_endpoint AS "isEndpoint",
    l.workflow IS NULL AND r.finished_at IS NOT NULL AS "isOver"
  FROM bus_listener l LEFT JOIN run r ON r.id = l.id WHERE l.id = ANY($1::uuid[])`;

const EVENTS = `
  SELECT d.listener_id AS "listenerId", d.number::float8 AS number, e.event
  FROM unnest($1::uuid[], $2::bigint[]) AS g(listener_id, number)
  JOIN bus_delivery d ON d.listener_id = g.listener_id AND d.number = g.number
  JOIN bus_event e ON e.key = d.event_key ORDER BY d.listener_id, d.number`;

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
