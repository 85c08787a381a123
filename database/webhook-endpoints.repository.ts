import { BrikkError } from '../contracts/errors.js';
import type { Page, PageQuery } from '../contracts/lists.js';
import type { ChangeWebhookEndpoint, CreateWebhookEndpoint, WebhookEndpoint } from '../contracts/webhook-endpoints.js';
import { checkClientCertificate } from './client-certificates.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import { freshUrl } from './url-health.js';
import { addKey, type EndpointCredentials, type NewKey, openCredentials, sealCredentials } from './endpoint-secrets.js';
import type { EndpointSettings, StoredHealth, WebhookEndpointRow } from './entities/webhook-endpoint.entity.js';
import { subscribe } from './event-listeners.js';
import { disableEndpoint } from './settle-webhooks.js';
import { isUuid, uuidv7 } from './uuid.js';
import type { Vault } from './vault.js';
import { announce } from './webhook-announcements.js';

const COLUMNS = `e.id, e.org_id AS "orgId", e.name, e.types, e.settings, e.credentials, e.health, e.state,
  e.disabled_reason AS "disabledReason", e.held_until AS "heldUntil", e.breaker, e.timeout_ms AS "timeoutMs",
  e.max_in_flight AS "maxInFlight", e.ordering, e.rate_points AS "ratePoints", e.rate_ms AS "rateMs",
  e.created_at AS "createdAt", e.updated_at AS "updatedAt", (
    SELECT coalesce(json_agg(json_build_object('kind', s.kind, 'publicKey', s.public_key, 'createdAt', s.created_at,
      'expiresAt', s.expires_at) ORDER BY s.created_at DESC), '[]')
    FROM webhook_secret s WHERE s.endpoint_id = e.id AND (s.expires_at IS NULL OR s.expires_at > now())) AS keys`;
/** They sign beside the new one. */
const OLD_KEYS = 3;

type Row = Omit<WebhookEndpointRow, 'settings'> & {
  settings: EndpointSettings & Pick<WebhookEndpoint, 'format'>;
  keys: { kind: 'hmac' | 'ed25519'; publicKey: string | null; createdAt: string; expiresAt: string | null }[];
};

/** Fails `webhook_endpoint.conflict` when the name is taken. */
export async function createEndpoint(
  tx: Tx,
  vault: Vault,
  orgId: string,
  request: CreateWebhookEndpoint,
  keys: NewKey[],
): Promise<WebhookEndpoint> {
  const { name, urls, types, filter = null, transform = null, format, retryScheduleMs, balance, rateLimit } = request;
  const { headers, basicAuth, clientCertificate = null } = request;
  await checkClientCertificate(tx, clientCertificate);
  const shown = shownOf({ headers, basicAuth });
  const settings = { filter, transform, format, retryScheduleMs, balance, clientCertificate, ...shown };
  const { timeoutMs, maxInFlight, ordering } = request;
  const terms = { name, urls, types, settings, credentials: { headers, basicAuth }, timeoutMs, maxInFlight, ordering };
  const id = await insertEndpoint(tx, vault, orgId, { ...terms, ...(rateLimit && { rateLimit }) });
  if (id === undefined) throw nameTaken(name);
  for (const key of keys) await addKey(tx, vault, orgId, id, key);
  await announce(tx, orgId, [{ type: 'endpoint.created', data: { endpointId: id, endpoint: name } }]);
  return findEndpoint(tx, id);
}

/** An endpoint as it is kept. */
export interface NewEndpoint extends Pick<
  CreateWebhookEndpoint,
  'timeoutMs' | 'maxInFlight' | 'ordering' | 'rateLimit'
> {
  name: string;
  urls: string[];
  types: string[];
  settings: EndpointSettings;
  credentials: EndpointCredentials;
  /** Of push notifications: nobody sees it among the endpoints, and it goes with the run. */
  runId?: string;
}

/** It hears from now on; undefined when the name is taken. */
export async function insertEndpoint(
  tx: Tx,
  vault: Vault,
  orgId: string,
  { name, urls, types, settings, credentials, timeoutMs, maxInFlight, ordering, rateLimit, runId }: NewEndpoint,
): Promise<string | undefined> {
  const id = uuidv7();
  const rows = await tx(
    `INSERT INTO webhook_endpoint (id, org_id, name, types, settings, credentials, health, timeout_ms, max_in_flight,
       ordering, rate_points, rate_ms, run_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (org_id, name) DO NOTHING RETURNING id`,
    [
      id,
      orgId,
      name,
      types,
      JSON.stringify(settings),
      await sealCredentials(tx, vault, orgId, id, credentials),
      JSON.stringify(healthyWith(urls)),
      timeoutMs,
      maxInFlight,
      ordering,
      rateLimit?.points ?? null,
      rateLimit?.durationMs ?? null,
      runId ?? null,
    ],
  );
  if (rows.length === 0) return undefined;
  await tx('INSERT INTO bus_listener (id, org_id, is_endpoint) VALUES ($1, $2, true)', [id, orgId]);
  await subscribe(tx, orgId, id, types);
  return id;
}

/** By name. */
export async function listEndpoints(tx: Tx, { limit, cursor }: PageQuery): Promise<Page<WebhookEndpoint>> {
  const after = cursor === undefined ? null : decodeCursor(cursor, (name) => name !== '');
  const rows = await tx<Row>(
    `SELECT ${COLUMNS} FROM webhook_endpoint e WHERE run_id IS NULL AND ($1::text IS NULL OR name > $1) ORDER BY name LIMIT $2`,
    [after, limit + 1],
  );
  return toPage(rows, limit, ({ name }) => name, show);
}

/** Fails `webhook_endpoint.not_found`. */
export async function findEndpoint(tx: Tx, id: string): Promise<WebhookEndpoint> {
  return show(await findRow(tx, id));
}

/** What is said changes. Fails `webhook_endpoint.not_found` and `webhook_endpoint.conflict`. */
export async function changeEndpoint(
  tx: Tx,
  vault: Vault,
  orgId: string,
  id: string,
  change: ChangeWebhookEndpoint,
): Promise<WebhookEndpoint> {
  const row = await findRow(tx, id, 'FOR UPDATE OF e');
  const { name = row.name, types = row.types, urls, rateLimit, state } = change;
  if (name !== row.name && (await tx('SELECT FROM webhook_endpoint WHERE name = $1', [name])).length > 0)
    throw nameTaken(name);
  const { filter, transform, format, retryScheduleMs, balance, clientCertificate, headers, basicAuth } = change;
  await checkClientCertificate(tx, clientCertificate);
  const said = { filter, transform, format, retryScheduleMs, balance, clientCertificate };
  const kept = Object.entries(said).filter(([, value]) => value !== undefined);
  const before = await openCredentials(tx, vault, row);
  const credentials: EndpointCredentials = {
    headers: headers === undefined ? before.headers : (headers ?? undefined),
    basicAuth: basicAuth === undefined ? before.basicAuth : (basicAuth ?? undefined),
  };
  const isRevived = state === 'active' && row.state === 'disabled';
  const health = isRevived ? healthyWith(urls ?? urlsOf(row)) : urls ? withUrls(row.health, urls) : row.health;
  await tx(
    `UPDATE webhook_endpoint SET name = $2, types = $3, settings = $4, credentials = $5, health = $6, timeout_ms = $7,
       max_in_flight = $8, ordering = $9, rate_points = $10, rate_ms = $11, updated_at = clock_timestamp(),
       state = CASE WHEN $12 THEN 'active' ELSE state END, disabled_reason = CASE WHEN $12 THEN NULL ELSE disabled_reason END,
       breaker = CASE WHEN $12 THEN 'closed' ELSE breaker END, held_until = CASE WHEN $12 THEN NULL ELSE held_until END
     WHERE id = $1`,
    [
      id,
      name,
      types,
      JSON.stringify({ ...row.settings, ...Object.fromEntries(kept), ...shownOf(credentials) }),
      await sealCredentials(tx, vault, orgId, id, credentials),
      JSON.stringify(health),
      change.timeoutMs ?? row.timeoutMs,
      change.maxInFlight ?? row.maxInFlight,
      change.ordering ?? row.ordering,
      rateLimit === undefined ? row.ratePoints : (rateLimit?.points ?? null),
      rateLimit === undefined ? row.rateMs : (rateLimit?.durationMs ?? null),
      isRevived,
    ],
  );
  const about = { endpointId: id, endpoint: name };
  const isEnded = state === 'disabled' && row.state === 'active';
  if (isEnded) await disableEndpoint(tx, id, 'by_hand');
  await subscribe(tx, orgId, id, types);
  await announce(tx, orgId, [
    { type: 'endpoint.updated', data: { ...about, changed: Object.keys(change) } },
    ...(isEnded ? [{ type: 'endpoint.disabled' as const, data: { ...about, reason: 'by_hand' } }] : []),
  ]);
  return findEndpoint(tx, id);
}

/**
 * A new key signs, and those of its kind before it, three at most, until they expire. Fails `webhook_endpoint.not_found`.
 */
export async function rotateKey(
  tx: Tx,
  vault: Vault,
  orgId: string,
  id: string,
  { key, overlapMs }: { key: NewKey; overlapMs: number },
): Promise<WebhookEndpoint> {
  await findRow(tx, id, 'FOR UPDATE OF e');
  await tx(
    `UPDATE webhook_secret SET expires_at = now() + $3 * interval '1 ms'
     WHERE endpoint_id = $1 AND kind = $2 AND expires_at IS NULL`,
    [id, key.kind, overlapMs],
  );
  await tx(
    `DELETE FROM webhook_secret WHERE endpoint_id = $1 AND kind = $2 AND (expires_at <= now() OR id NOT IN (
       SELECT id FROM webhook_secret WHERE endpoint_id = $1 AND kind = $2 ORDER BY created_at DESC, id DESC LIMIT ${OLD_KEYS}))`,
    [id, key.kind],
  );
  await addKey(tx, vault, orgId, id, key);
  await tx('UPDATE webhook_endpoint SET updated_at = clock_timestamp() WHERE id = $1', [id]);
  return findEndpoint(tx, id);
}

/** With all its deliveries. Fails `webhook_endpoint.not_found`. */
export async function deleteEndpoint(tx: Tx, orgId: string, id: string): Promise<void> {
  const { name } = await findRow(tx, id, 'FOR UPDATE OF e');
  await removeEndpoint(tx, orgId, id);
  await announce(tx, orgId, [{ type: 'endpoint.deleted', data: { endpointId: id, endpoint: name } }]);
}

/** With all that belongs to it, untold. */
export async function removeEndpoint(tx: Tx, orgId: string, id: string): Promise<void> {
  await subscribe(tx, orgId, id, []);
  await tx(
    `WITH gone AS (DELETE FROM webhook_delivery WHERE endpoint_id = $1 RETURNING id)
     DELETE FROM webhook_attempt WHERE delivery_id IN (SELECT id FROM gone)`,
    [id],
  );
  await tx('DELETE FROM bus_delivery WHERE listener_id = $1', [id]);
  await tx('DELETE FROM bus_listener WHERE id = $1', [id]);
  await tx('DELETE FROM webhook_secret WHERE endpoint_id = $1', [id]);
  await tx('DELETE FROM webhook_endpoint WHERE id = $1', [id]);
}

const shownOf = ({ headers = {}, basicAuth }: EndpointCredentials) => ({
  headers: Object.keys(headers),
  username: basicAuth?.username ?? null,
});

const urlsOf = ({ health }: Pick<Row, 'health'>): string[] => health.urls.map(({ url }) => url);

const healthyWith = (urls: string[]): StoredHealth => ({
  urls: urls.map(freshUrl),
  timesOpened: 0,
  windowStart: 0,
  okCount: 0,
  failCount: 0,
  failingSince: null,
  warnedAt: 0,
});

const withUrls = (health: StoredHealth, urls: string[]): StoredHealth => ({
  ...health,
  urls: urls.map((url) => health.urls.find((known) => known.url === url && known.state === 'active') ?? freshUrl(url)),
});

async function findRow(tx: Tx, id: string, lock = ''): Promise<Row> {
  const [row] = isUuid(id)
    ? await tx<Row>(`SELECT ${COLUMNS} FROM webhook_endpoint e WHERE id = $1 AND run_id IS NULL ${lock}`, [id])
    : [];
  if (!row) throw new BrikkError('webhook_endpoint.not_found', `There is no webhook endpoint ${id}`);
  return row;
}

const nameTaken = (name: string) =>
  new BrikkError('webhook_endpoint.conflict', `There is a webhook endpoint ${name}`, {
    violations: [{ path: 'name', message: 'is taken' }],
  });

function show(row: Row): WebhookEndpoint {
  const { id, name, types, settings, health, state, disabledReason, heldUntil, breaker, ratePoints, rateMs, keys } =
    row;
  const { filter, transform, format, headers, username, retryScheduleMs, balance, clientCertificate = null } = settings;
  const isHeld = heldUntil !== null && heldUntil.getTime() > Date.now();
  return {
    id,
    name,
    urls: health.urls.map(({ url, state: urlState, failures, ejectedUntil }) => ({
      url,
      state: urlState,
      failures,
      ejectedUntil: timeOf(ejectedUntil !== null && ejectedUntil > Date.now() ? ejectedUntil : null),
    })),
    types,
    filter,
    transform,
    format,
    headers,
    username,
    clientCertificate,
    timeoutMs: row.timeoutMs,
    retryScheduleMs,
    rateLimit: ratePoints === null || rateMs === null ? null : { points: ratePoints, durationMs: rateMs },
    maxInFlight: row.maxInFlight,
    ordering: row.ordering,
    balance,
    state,
    disabledReason,
    breaker: breaker === 'closed' ? 'closed' : 'open',
    failingSince: timeOf(health.failingSince),
    heldUntil: isHeld ? heldUntil.toISOString() : null,
    publicKeys: keys.flatMap(({ publicKey }) => publicKey ?? []),
    keys: keys.map(({ kind, createdAt, expiresAt }) => ({
      kind,
      createdAt: new Date(createdAt).toISOString(),
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    })),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

const timeOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
