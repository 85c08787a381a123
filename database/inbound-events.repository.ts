import { isUtf8 } from 'node:buffer';
import { BrikkError } from '../contracts/errors.js';
import type {
  InboundEvent,
  InboundEventDetail,
  ListInboundEvents,
  ReplayInbound,
} from '../contracts/inbound-events.js';
import type { Page } from '../contracts/lists.js';
import type { WebhookRoute } from '../contracts/webhook-routes.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Database, Tx } from './database.js';
import type { InboundEventRow } from './entities/webhook.entity.js';
import { INBOUND_CHANNEL } from './inbound-channel.js';
import { openContent } from './inbound-content.js';
import { isUuid } from './uuid.js';
import type { Vault } from './vault.js';

const COLUMNS = `e.id, e.source_id AS "sourceId", s.name AS source, e.delivery_id AS "deliveryId", e.status, e.outcome,
  e.error, e.bytes, e.duplicates, e.generation, e.received_at AS "receivedAt", e.settled_at AS "settledAt"`;
const FROM = 'FROM inbound_event e JOIN webhook_source s ON s.id = e.source_id';
type ShownRow = Omit<InboundEvent, 'receivedAt' | 'settledAt'> & { receivedAt: Date; settledAt: Date | null };
const REPLAY = `status = 'received', outcome = NULL, error = NULL, settled_at = NULL, attempts = 0, due_at = now(),
  generation = generation + 1`;

/** The newest first. */
export async function listInbound(
  tx: Tx,
  { source, status, limit, cursor }: ListInboundEvents,
): Promise<Page<InboundEvent>> {
  const before = cursor === undefined ? null : decodeCursor(cursor, isUuid);
  const rows = await tx<ShownRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE ($1::uuid IS NULL OR e.source_id = $1) AND ($2::text IS NULL OR e.status = $2)
       AND ($3::uuid IS NULL OR e.id < $3) ORDER BY e.id DESC LIMIT $4`,
    [source ?? null, status ?? null, before, limit + 1],
  );
  return toPage(rows, limit, ({ id }) => id, show);
}

/** With what came. Fails `inbound_event.not_found`. */
export async function findInbound(tx: Tx, vault: Vault, orgId: string, id: string): Promise<InboundEventDetail> {
  const [row] = await tx<ShownRow & Pick<InboundEventRow, 'headers' | 'body'>>(
    `SELECT ${COLUMNS}, e.headers, e.body ${FROM} WHERE e.id = $1`,
    [id],
  );
  if (!row) throw notFound(id);
  const { headers, body } = await openContent(tx, vault, orgId, row);
  const encoding = isUtf8(body) ? 'utf8' : 'base64';
  const { headers: _headers, body: _body, ...shown } = row;
  return { ...show(shown), headers, body: body.toString(encoding), encoding };
}

/** The run that an event has started, once it is routed; undefined until then. */
export async function startedBy(
  tx: Tx,
  id: string,
  routes: readonly WebhookRoute[],
): Promise<{ runId?: string } | undefined> {
  const [event] = await tx<Pick<InboundEventRow, 'status' | 'outcome'>>(
    'SELECT status, outcome FROM inbound_event WHERE id = $1',
    [id],
  );
  if (event?.status === 'received') return undefined;
  const { route, runIds } = event?.outcome ?? {};
  const isStart = route !== undefined && routes[route]?.action === 'start';
  return isStart && runIds?.[0] !== undefined ? { runId: runIds[0] } : {};
}

/** It is routed again, by the routes of today; one that waits for that already is left alone. Fails `inbound_event.not_found`. */
export async function replayInbound(tx: Tx, id: string): Promise<InboundEvent> {
  await tx(`UPDATE inbound_event SET ${REPLAY} WHERE id = $1 AND status <> 'received'`, [id]);
  await tx(`SELECT pg_notify('${INBOUND_CHANNEL}', '')`);
  const [row] = await tx<ShownRow>(`SELECT ${COLUMNS} ${FROM} WHERE e.id = $1`, [id]);
  if (!row) throw notFound(id);
  return show(row);
}

/** The oldest first; how many. */
export async function replayMany(tx: Tx, { status, source, limit }: ReplayInbound): Promise<number> {
  const rows = await tx(
    `UPDATE inbound_event SET ${REPLAY} WHERE id IN (
       SELECT id FROM inbound_event WHERE status = $1 AND ($2::uuid IS NULL OR source_id = $2)
       ORDER BY id LIMIT $3 FOR UPDATE) RETURNING id`,
    [status, source ?? null, limit],
  );
  await tx(`SELECT pg_notify('${INBOUND_CHANNEL}', '')`);
  return rows.length;
}

/** The next copy of it is an event of its own. Fails `inbound_event.not_found`. */
export async function allowRedelivery(tx: Tx, id: string): Promise<void> {
  const known = await tx('SELECT FROM inbound_event WHERE id = $1', [id]);
  if (known.length === 0) throw notFound(id);
  await tx('DELETE FROM inbound_dedup WHERE event_id = $1', [id]);
}

/** Old events go, and what is remembered only to know repeats by. */
export async function sweepInbound(database: Database, keepMs: number): Promise<void> {
  const orgs = await database.asDispatch((tx) =>
    tx<{ orgId: string }>(
      `SELECT DISTINCT org_id AS "orgId" FROM inbound_event WHERE received_at < now() - $1 * interval '1 ms'
       UNION SELECT DISTINCT org_id FROM inbound_dedup WHERE expires_at < now()`,
      [keepMs],
    ),
  );
  for (const { orgId } of orgs)
    await database.inOrg(orgId, async (tx) => {
      await tx(`DELETE FROM inbound_event WHERE status <> 'received' AND received_at < now() - $1 * interval '1 ms'`, [
        keepMs,
      ]);
      await tx('DELETE FROM inbound_dedup WHERE expires_at < now()');
    });
}

const notFound = (id: string) => new BrikkError('inbound_event.not_found', `There is no inbound event ${id}`);

const show = ({ receivedAt, settledAt, ...row }: ShownRow): InboundEvent => ({
  ...row,
  receivedAt: receivedAt.toISOString(),
  settledAt: settledAt?.toISOString() ?? null,
});
