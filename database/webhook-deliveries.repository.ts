import { BrikkError } from '../contracts/errors.js';
import type { Page, PageQuery } from '../contracts/lists.js';
import {
  type ListWebhookDeliveries,
  MAX_REPLAYED,
  type ReplayDeliveries,
  type WebhookAttempt,
  type WebhookDelivery,
} from '../contracts/webhook-deliveries.js';
import { EXPIRES_AFTER_MS } from '../contracts/webhook-endpoints.js';
import { contentHash } from './canonical-json.js';
import { OPEN } from './claim-webhooks.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Database, Tx } from './database.js';
import { expireWebhooks, responseCell } from './settle-webhooks.js';
import { isUuid, uuidv7 } from './uuid.js';
import type { Vault } from './vault.js';
import { WEBHOOK_CHANNEL } from './webhook-channel.js';
import { messageId } from './webhook-fan-out.js';

const COLUMNS = `d.id, d.endpoint_id AS "endpointId", e.name AS endpoint, d.event_key AS "eventKey", d.part, d.type,
  d.ordering_key AS "orderingKey", d.status, d.reason, d.error, d.attempts, d.generation, d.due_at AS "dueAt",
  d.created_at AS "createdAt", d.settled_at AS "settledAt"`;
const FROM = 'FROM webhook_delivery d JOIN webhook_endpoint e ON e.id = d.endpoint_id';
/** It begins anew, after fresh ones, and is rendered by what the endpoint says today. */
const REPLAY = `status = 'pending', reason = NULL, error = NULL, settled_at = NULL, attempts = 0, priority = 1,
  due_at = now(), expires_at = now() + interval '${EXPIRES_AFTER_MS} ms', generation = generation + 1, trigger = 'replay', body = NULL,
  to_render = true, last_url = NULL`;
const wake = (tx: Tx) => tx(`SELECT pg_notify('${WEBHOOK_CHANNEL}', '')`);

type ShownRow = Omit<WebhookDelivery, 'messageId' | 'dueAt' | 'createdAt' | 'settledAt'> & {
  eventKey: string;
  part: number;
  dueAt: Date;
  createdAt: Date;
  settledAt: Date | null;
};

/** The newest first. */
export async function listWebhookDeliveries(
  tx: Tx,
  { endpoint, status, type, limit, cursor }: ListWebhookDeliveries,
): Promise<Page<WebhookDelivery>> {
  const before = cursor === undefined ? null : decodeCursor(cursor, isUuid);
  const rows = await tx<ShownRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE ($1::uuid IS NULL OR d.endpoint_id = $1) AND ($2::text IS NULL OR d.status = $2)
       AND ($3::text IS NULL OR d.type = $3) AND ($4::uuid IS NULL OR d.id < $4) ORDER BY d.id DESC LIMIT $5`,
    [endpoint ?? null, status ?? null, type ?? null, before, limit + 1],
  );
  return toPage(rows, limit, ({ id }) => id, show);
}

/** Fails `webhook_delivery.not_found`. */
export async function findWebhookDelivery(tx: Tx, id: string): Promise<WebhookDelivery> {
  const [row] = await tx<ShownRow>(`SELECT ${COLUMNS} ${FROM} WHERE d.id = $1`, [id]);
  if (!row) throw new BrikkError('webhook_delivery.not_found', `There is no webhook delivery ${id}`);
  return show(row);
}

type ShownAttempt = Omit<WebhookAttempt, 'startedAt' | 'nextAt'> & { startedAt: Date; nextAt: Date | null };

/** The newest first. Fails `webhook_delivery.not_found`. */
export async function listAttempts(
  tx: Tx,
  vault: Vault,
  orgId: string,
  id: string,
  { limit, cursor }: PageQuery,
): Promise<Page<WebhookAttempt>> {
  await findWebhookDelivery(tx, id);
  const before = cursor === undefined ? null : decodeCursor(cursor, (text) => /^\d{1,9}\/\d{1,9}$/.test(text));
  const [generation, n] = before === null ? [null, null] : before.split('/').map(Number);
  const rows = await tx<ShownAttempt>(
    `SELECT generation, n, trigger, url, started_at AS "startedAt", latency_ms AS "latencyMs", outcome,
       status_code AS "statusCode", response, truncated, next_at AS "nextAt" FROM webhook_attempt
     WHERE delivery_id = $1 AND ($2::int IS NULL OR (generation, n) < ($2, $3)) ORDER BY generation DESC, n DESC LIMIT $4`,
    [id, generation, n, limit + 1],
  );
  const opened = await Promise.all(
    rows.map(async (row) => {
      const cell = responseCell(orgId, id, row.generation, row.n);
      return { ...row, response: row.response === null ? null : await vault.open(tx, cell, row.response) };
    }),
  );
  return toPage(
    opened,
    limit,
    (row) => `${row.generation}/${row.n}`,
    ({ startedAt, nextAt, ...row }) => ({
      ...row,
      startedAt: startedAt.toISOString(),
      nextAt: nextAt?.toISOString() ?? null,
    }),
  );
}

/** The next attempt is now. Fails `webhook_delivery.not_found`, and `webhook_delivery.over` for one that is over. */
export async function retryDelivery(tx: Tx, id: string): Promise<WebhookDelivery> {
  const done = await tx(
    `UPDATE webhook_delivery SET due_at = now(), trigger = 'manual' WHERE id = $1 AND status IN ('pending', 'retrying')
     RETURNING id`,
    [id],
  );
  return afterChange(tx, id, done.length > 0, 'over');
}

/** No more attempts. Fails `webhook_delivery.not_found`, and `webhook_delivery.over` for one that is over or on its way. */
export async function cancelDelivery(tx: Tx, id: string): Promise<WebhookDelivery> {
  const done = await tx(
    `UPDATE webhook_delivery SET status = 'cancelled', settled_at = clock_timestamp()
     WHERE id = $1 AND status IN ('pending', 'retrying') RETURNING id`,
    [id],
  );
  return afterChange(tx, id, done.length > 0, 'over');
}

/** Once more. Fails `webhook_delivery.not_found`, and `webhook_delivery.open` for one that is under way. */
export async function replayDelivery(tx: Tx, id: string): Promise<WebhookDelivery> {
  const done = await tx(
    `UPDATE webhook_delivery SET ${REPLAY} WHERE id = $1 AND status NOT IN (${OPEN}) RETURNING id`,
    [id],
  );
  return afterChange(tx, id, done.length > 0, 'open');
}

async function afterChange(tx: Tx, id: string, isDone: boolean, why: 'over' | 'open'): Promise<WebhookDelivery> {
  const delivery = await findWebhookDelivery(tx, id);
  if (!isDone) throw new BrikkError(`webhook_delivery.${why}`, `The delivery is ${delivery.status}`);
  await wake(tx);
  return delivery;
}

/** The oldest first; how many, or would be. */
export async function replayDeliveries(tx: Tx, { filter, dryRun }: ReplayDeliveries): Promise<number> {
  const { endpoint, status, type, since, until } = filter;
  const values = [endpoint ?? null, status, type ?? null, since ?? null, until ?? null];
  return replayWhere(
    tx,
    `($1::uuid IS NULL OR endpoint_id = $1) AND status = $2 AND ($3::text IS NULL OR type = $3)
       AND ($4::timestamptz IS NULL OR created_at >= $4) AND ($5::timestamptz IS NULL OR created_at < $5)`,
    values,
    dryRun,
  );
}

/** All that was never delivered since then. */
export const recoverDeliveries = (tx: Tx, endpointId: string, since: string): Promise<number> =>
  replayWhere(
    tx,
    `endpoint_id = $1 AND status IN ('dead', 'skipped', 'cancelled') AND created_at >= $2`,
    [endpointId, since],
    false,
  );

async function replayWhere(tx: Tx, condition: string, values: unknown[], dryRun: boolean): Promise<number> {
  const which = `SELECT id FROM webhook_delivery WHERE ${condition} ORDER BY id LIMIT ${MAX_REPLAYED}`;
  const rows = dryRun
    ? await tx(which, values)
    : await tx(`UPDATE webhook_delivery SET ${REPLAY} WHERE id IN (${which} FOR UPDATE) RETURNING id`, values);
  await wake(tx);
  return rows.length;
}

/** A sample for one endpoint, whatever it subscribed to: the id of the delivery. */
export async function sendSample(tx: Tx, orgId: string, endpointId: string, name: string): Promise<string> {
  const id = uuidv7();
  const type = 'endpoint.test';
  const data = { endpointId, endpoint: name, message: 'A sample that somebody asked for' };
  const event = { specversion: '1.0', id, source: `/orgs/${orgId}`, type, time: new Date().toISOString(), data };
  const key = uuidv7();
  // On record without deliveries: those who subscribed to the type are not meant.
  await tx('INSERT INTO bus_event (key, org_id, source, id, type, hash, event) VALUES ($1, $2, $3, $4, $5, $6, $7)', [
    key,
    orgId,
    event.source,
    id,
    type,
    contentHash(event),
    JSON.stringify(event),
  ]);
  await tx(
    `INSERT INTO webhook_delivery (id, org_id, endpoint_id, event_key, number, type, trigger, to_render, expires_at)
     VALUES ($1, $2, $3, $4, 0, $5, 'test', true, now() + interval '${EXPIRES_AFTER_MS} ms')`,
    [id, orgId, endpointId, key, type],
  );
  await wake(tx);
  return id;
}

/** What lies too long is dead; what is over goes with its attempts. */
export async function sweepWebhooks(database: Database, keepMs: number): Promise<void> {
  const orgs = await database.asDispatch((tx) =>
    tx<{ orgId: string; isOld: boolean }>(
      `SELECT org_id AS "orgId", false AS "isOld" FROM webhook_delivery
       WHERE status IN (${OPEN}) AND expires_at <= now() GROUP BY 1
       UNION ALL SELECT org_id, true FROM webhook_delivery WHERE created_at < now() - $1 * interval '1 ms' GROUP BY 1`,
      [keepMs],
    ),
  );
  for (const { orgId, isOld } of orgs)
    if (isOld)
      await database.inOrg(orgId, (tx) =>
        tx(
          `WITH old AS (
             DELETE FROM webhook_delivery WHERE created_at < now() - $1 * interval '1 ms' AND status NOT IN (${OPEN})
             RETURNING id
           ) DELETE FROM webhook_attempt WHERE delivery_id IN (SELECT id FROM old)`,
          [keepMs],
        ),
      );
    else while (await database.inOrg(orgId, (tx) => expireWebhooks(tx, orgId)));
}

function show({ eventKey, part, dueAt, createdAt, settledAt, ...row }: ShownRow): WebhookDelivery {
  const waits = row.status === 'pending' || row.status === 'retrying';
  return {
    ...row,
    messageId: messageId(eventKey, part),
    dueAt: waits ? dueAt.toISOString() : null,
    createdAt: createdAt.toISOString(),
    settledAt: settledAt?.toISOString() ?? null,
  };
}
