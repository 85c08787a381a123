import { BrikkError } from '../contracts/errors.js';
import type { BusEvent, CloudEvent, ListEvents } from '../contracts/event-bus.js';
import { subscribedAs } from '../contracts/heard-types.js';
import type { Page } from '../contracts/lists.js';
import type { AuditActor } from './audit-chain.js';
import { BUS_CHANNEL } from './bus-channel.js';
import { contentHash } from './canonical-json.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import { isUuid, uuidv7 } from './uuid.js';

export interface NewBusEvent {
  event: CloudEvent;
  /** What makes two events the same; the event itself unless said. */
  content?: unknown;
  orderingKey?: string;
  /** The run that sends it: it has heard it already. */
  runId?: string;
  /** Who sends it over the API. */
  publisher?: AuditActor;
  /** Runs that events started, one behind the other, before it was sent. */
  hops?: number;
  /** What Brikk tells of itself: webhook endpoints hear it, and nobody else. */
  forEndpoints?: true;
}

/** How many will hear it, or that it had been accepted before: then `conflict` tells whether with other content. */
export type Acceptance = { deliveries: number } | { duplicate: true; isConflict: boolean };

/**
 * Accepts events with their deliveries, inside the caller's transaction: to every open run, every schedule and every
 * webhook endpoint that subscribed to the type. Listeners are locked, in order of id, while their events are numbered, so that a listener's
 * numbers follow the order of commits. An event whose source and id are known is not sent again.
 */
export async function publishEvents(tx: Tx, orgId: string, events: NewBusEvent[]): Promise<Acceptance[]> {
  const rows = events.map((given, place) => ({ ...toRow(given), place }));
  // In one order for all, so that two batches never wait for each other.
  const sorted = rows.toSorted((a, b) => compare(a.source, b.source) || compare(a.id, b.id));
  // Sent together: who listens is locked once the events are in.
  const [inserted, listeners] = await Promise.all([
    tx<{ key: string }>(INSERT, [orgId, JSON.stringify(sorted)]),
    lockListeners(tx, rows),
  ]);
  const fresh = new Set(inserted.map(({ key }) => key));
  const deliveries = await deliver(
    tx,
    orgId,
    rows.filter(({ key }) => fresh.has(key)),
    listeners,
  );
  const known = await knownHashes(
    tx,
    rows.filter(({ key }) => !fresh.has(key)),
  );
  return rows.map(({ key, source, id, hash }) =>
    fresh.has(key)
      ? { deliveries: deliveries.get(key) ?? 0 }
      : { duplicate: true, isConflict: known.get(nameOf(source, id)) !== hash },
  );
}

/** Fails `event.conflict` when one of them had been accepted with other content. */
export function refuseConflicts(events: NewBusEvent[], acceptances: Acceptance[]): void {
  const violations = acceptances.flatMap((acceptance, index) =>
    'duplicate' in acceptance && acceptance.isConflict
      ? [{ path: events.length > 1 ? `[${index}].id` : 'id', message: 'was accepted with other content' }]
      : [],
  );
  if (violations.length > 0)
    throw new BrikkError('event.conflict', 'An event of this source and id has other content', { violations });
}

type Row = ReturnType<typeof toRow>;

function toRow({ event, content = event, orderingKey, runId, publisher, hops = 0, forEndpoints }: NewBusEvent) {
  const { source, id, type } = event;
  const hash = contentHash(content);
  const row = {
    key: uuidv7(),
    source,
    id,
    type,
    hash,
    event,
    ordering_key: orderingKey,
    run_id: runId,
    publisher,
    hops,
  };
  return { ...row, for_endpoints: forEndpoints ?? false };
}

const INSERT = `
  INSERT INTO bus_event (key, org_id, source, id, type, ordering_key, hash, event, run_id, publisher, hops)
  SELECT key, $1, source, id, type, ordering_key, hash, event, run_id, publisher, hops
  FROM json_to_recordset($2) AS g(key uuid, source text, id text, type text, ordering_key text, hash text, event json,
    run_id uuid, publisher json, hops int)
  ON CONFLICT (org_id, source, id) DO NOTHING RETURNING key`;

/** Those who subscribed to one of the types, in order of id. */
async function lockListeners(tx: Tx, rows: Row[]): Promise<string[]> {
  const types = [...new Set(rows.flatMap(({ type }) => subscribedAs(type)))];
  const listeners = await tx<{ id: string }>(
    `SELECT id FROM bus_listener WHERE id IN (SELECT listener_id FROM bus_subscription WHERE type = ANY($1))
     ORDER BY id FOR UPDATE`,
    [types],
  );
  return listeners.map(({ id }) => id);
}

async function deliver(tx: Tx, orgId: string, rows: Row[], listeners: string[]): Promise<Map<string, number>> {
  if (rows.length === 0 || listeners.length === 0) return new Map();
  const heard = rows.flatMap(({ key, type, run_id, for_endpoints }, place) =>
    subscribedAs(type).map((heard_as) => ({ key, heard_as, run_id, for_endpoints, place })),
  );
  const counts = await tx<{ key: string; deliveries: number }>(DELIVER, [orgId, JSON.stringify(heard), listeners]);
  return new Map(counts.map(({ key, deliveries }) => [key, deliveries]));
}

const DELIVER = `
  WITH matched AS MATERIALIZED (
    SELECT m.key, m.listener_id, l.last_number + row_number() OVER (PARTITION BY m.listener_id ORDER BY m.place) AS number
    FROM (
      SELECT DISTINCT g.place, g.key, g.for_endpoints, s.listener_id
      FROM json_to_recordset($2) AS g(key uuid, heard_as text, run_id uuid, for_endpoints bool, place int)
      JOIN bus_subscription s ON s.type = g.heard_as AND s.listener_id IS DISTINCT FROM g.run_id
      WHERE s.listener_id = ANY($3::uuid[])
    ) m JOIN bus_listener l ON l.id = m.listener_id LEFT JOIN run r ON r.id = l.id
    WHERE (l.workflow IS NOT NULL OR r.finished_at IS NULL) AND (l.is_endpoint OR NOT m.for_endpoints)
  ), sent AS (
    INSERT INTO bus_delivery (listener_id, number, org_id, event_key)
    SELECT listener_id, number, $1, key FROM matched
  ), counted AS (
    UPDATE bus_listener l SET last_number = m.number
    FROM (SELECT listener_id, max(number) AS number FROM matched GROUP BY listener_id) m WHERE l.id = m.listener_id
  ), told AS MATERIALIZED (
    SELECT pg_notify('${BUS_CHANNEL}', '') WHERE EXISTS (SELECT FROM matched)
  )
  SELECT key, count(*)::int AS deliveries, (SELECT count(*) FROM told) AS notices FROM matched GROUP BY key`;

async function knownHashes(tx: Tx, rows: Row[]): Promise<Map<string, string>> {
  if (rows.length === 0) return new Map();
  const found = await tx<{ source: string; id: string; hash: string }>(
    `SELECT e.source, e.id, e.hash FROM json_to_recordset($1) AS g(source text, id text)
     JOIN bus_event e ON e.source = g.source AND e.id = g.id`,
    [JSON.stringify(rows.map(({ source, id }) => ({ source, id })))],
  );
  return new Map(found.map(({ source, id, hash }) => [nameOf(source, id), hash]));
}

interface ListedRow {
  key: string;
  event: CloudEvent;
  orderingKey: string | null;
  runId: string | null;
  publishedBy: AuditActor | null;
  acceptedAt: Date;
  deliveries: BusEvent['deliveries'];
}

/** The newest first, each with where it went. */
export async function listEvents(tx: Tx, { type, source, limit, cursor }: ListEvents): Promise<Page<BusEvent>> {
  const before = cursor === undefined ? null : decodeCursor(cursor, isUuid);
  const rows = await tx<ListedRow>(
    `SELECT key, event, ordering_key AS "orderingKey", run_id AS "runId", publisher AS "publishedBy", accepted_at AS "acceptedAt", (
       SELECT json_build_object('pending', count(*) FILTER (WHERE status = 'pending'),
         'delivered', count(*) FILTER (WHERE status = 'delivered'), 'dropped', count(*) FILTER (WHERE status = 'dropped'))
       FROM bus_delivery d WHERE d.event_key = e.key) AS deliveries
     FROM bus_event e
     WHERE ($1::text IS NULL OR type = $1) AND ($2::text IS NULL OR source = $2) AND ($3::uuid IS NULL OR key < $3)
     ORDER BY key DESC LIMIT $4`,
    [type ?? null, source ?? null, before, limit + 1],
  );
  return toPage(
    rows,
    limit,
    ({ key }) => key,
    ({ key: _key, acceptedAt, ...row }) => ({ ...row, acceptedAt: acceptedAt.toISOString() }),
  );
}

const nameOf = (source: string, id: string): string => JSON.stringify([source, id]);

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
