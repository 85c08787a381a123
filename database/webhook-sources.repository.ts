import { randomBytes } from 'node:crypto';
import { BrikkError } from '../contracts/errors.js';
import type { Page, PageQuery } from '../contracts/lists.js';
import type { ChangeWebhookSource, CreateWebhookSource, WebhookSource } from '../contracts/webhook-sources.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Database, Tx } from './database.js';
import type { WebhookSourceRow } from './entities/webhook.entity.js';
import { isUuid, uuidv7 } from './uuid.js';
import type { Vault } from './vault.js';

const COLUMNS = `id, org_id AS "orgId", name, provider, path_id AS "pathId", settings, routes, state, secret,
  previous_secret AS "previousSecret", previous_until AS "previousUntil", created_at AS "createdAt",
  updated_at AS "updatedAt"`;
const cellOf = (orgId: string, id: string) => ({ orgId, table: 'webhook_source', column: 'secret', rowId: id });

/** A source as lists show it; the API adds where its path is reached. */
export type StoredSource = Omit<WebhookSource, 'url'> & { pathId: string };

/** A source with what verifies its deliveries. */
export type OpenedSource = StoredSource & { orgId: string; secrets: string[] };

/** Fails `webhook_source.conflict` when the name is taken. */
export async function createSource(
  tx: Tx,
  vault: Vault,
  orgId: string,
  { name, provider, secret, routes, state, hmac, ...limits }: CreateWebhookSource & { secret: string },
): Promise<StoredSource> {
  const id = uuidv7();
  const pathId = randomBytes(18).toString('base64url');
  const sealed = await vault.seal(tx, cellOf(orgId, id), secret);
  const settings = JSON.stringify({ ...limits, hmac: hmac ?? null });
  const rows = await tx<WebhookSourceRow>(
    `INSERT INTO webhook_source (id, org_id, name, provider, path_id, settings, routes, state, secret)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (org_id, name) DO NOTHING RETURNING ${COLUMNS}`,
    [id, orgId, name, provider, pathId, settings, JSON.stringify(routes), state, sealed],
  );
  if (!rows[0]) throw nameTaken(name);
  await tx('INSERT INTO source_index (path_id, org_id, source_id) VALUES ($1, $2, $3)', [pathId, orgId, id]);
  return show(rows[0]);
}

/** By name. */
export async function listSources(tx: Tx, { limit, cursor }: PageQuery): Promise<Page<StoredSource>> {
  const after = cursor === undefined ? null : decodeCursor(cursor, (name) => name !== '');
  const rows = await tx<WebhookSourceRow>(
    `SELECT ${COLUMNS} FROM webhook_source WHERE $1::text IS NULL OR name > $1 ORDER BY name LIMIT $2`,
    [after, limit + 1],
  );
  return toPage(rows, limit, ({ name }) => name, show);
}

/** Fails `webhook_source.not_found`. */
export async function findSource(tx: Tx, id: string): Promise<StoredSource> {
  return show(await findRow(tx, id));
}

/** What is said changes. Fails `webhook_source.not_found` and `webhook_source.conflict`. */
export async function changeSource(
  tx: Tx,
  id: string,
  { name, routes, state, ...settings }: ChangeWebhookSource,
): Promise<StoredSource> {
  const row = await findRow(tx, id, 'FOR UPDATE');
  if (name !== undefined && name !== row.name) {
    const taken = await tx('SELECT FROM webhook_source WHERE name = $1', [name]);
    if (taken.length > 0) throw nameTaken(name);
  }
  const [changed] = await tx<WebhookSourceRow>(
    `UPDATE webhook_source SET name = $2, routes = $3, state = $4, settings = $5, updated_at = clock_timestamp()
     WHERE id = $1 RETURNING ${COLUMNS}`,
    [
      id,
      name ?? row.name,
      JSON.stringify(routes ?? row.routes),
      state ?? row.state,
      JSON.stringify({ ...row.settings, ...settings }),
    ],
  );
  return show(changed as WebhookSourceRow);
}

/** The secret before goes on verifying for `overlapMs`. Fails `webhook_source.not_found`. */
export async function rotateSecret(
  tx: Tx,
  vault: Vault,
  orgId: string,
  id: string,
  { secret, overlapMs }: { secret: string; overlapMs: number },
): Promise<StoredSource> {
  await findRow(tx, id, 'FOR UPDATE');
  const sealed = await vault.seal(tx, cellOf(orgId, id), secret);
  const [row] = await tx<WebhookSourceRow>(
    `UPDATE webhook_source SET previous_secret = secret, secret = $2, updated_at = clock_timestamp(),
       previous_until = clock_timestamp() + $3 * interval '1 ms' WHERE id = $1 RETURNING ${COLUMNS}`,
    [id, sealed, overlapMs],
  );
  return show(row as WebhookSourceRow);
}

/** With everything that came. Fails `webhook_source.not_found`. */
export async function deleteSource(tx: Tx, id: string): Promise<void> {
  const { pathId } = await findRow(tx, id, 'FOR UPDATE');
  await tx('DELETE FROM source_index WHERE path_id = $1', [pathId]);
  await tx('DELETE FROM inbound_dedup WHERE source_id = $1', [id]);
  await tx('DELETE FROM inbound_event WHERE source_id = $1', [id]);
  await tx('DELETE FROM webhook_source WHERE id = $1', [id]);
}

/** The active source of a URL with its secrets; undefined when there is none. */
export async function openSource(database: Database, vault: Vault, pathId: string): Promise<OpenedSource | undefined> {
  const [place] = await database.outsideOrgs((tx) =>
    tx<{ orgId: string; sourceId: string }>(
      'SELECT org_id AS "orgId", source_id AS "sourceId" FROM source_index WHERE path_id = $1',
      [pathId],
    ),
  );
  if (!place) return undefined;
  return database.inOrg(place.orgId, (tx) => openSourceById(tx, vault, place.orgId, place.sourceId));
}

/** Undefined when it is disabled, or gone. */
export async function openSourceById(
  tx: Tx,
  vault: Vault,
  orgId: string,
  id: string,
): Promise<OpenedSource | undefined> {
  const [row] = await tx<WebhookSourceRow>(`SELECT ${COLUMNS} FROM webhook_source WHERE id = $1 AND state = 'active'`, [
    id,
  ]);
  if (!row) return undefined;
  const { secret, previousSecret, previousUntil } = row;
  const isKept = previousSecret !== null && previousUntil !== null && previousUntil.getTime() > Date.now();
  const sealed = isKept ? [secret, previousSecret] : [secret];
  const secrets = await Promise.all(sealed.map((text) => vault.open(tx, cellOf(orgId, id), text)));
  return { ...show(row), orgId, secrets };
}

async function findRow(tx: Tx, id: string, lock = ''): Promise<WebhookSourceRow> {
  const [row] = isUuid(id)
    ? await tx<WebhookSourceRow>(`SELECT ${COLUMNS} FROM webhook_source WHERE id = $1 ${lock}`, [id])
    : [];
  if (!row) throw new BrikkError('webhook_source.not_found', `There is no webhook source ${id}`);
  return row;
}

function show(row: WebhookSourceRow): StoredSource {
  const { id, name, provider, pathId, settings, routes, state, previousUntil, createdAt, updatedAt } = row;
  const isKept = previousUntil !== null && previousUntil.getTime() > Date.now();
  return {
    id,
    name,
    provider,
    pathId,
    sync: null,
    ...settings,
    routes,
    state,
    previousSecretUntil: isKept ? previousUntil.toISOString() : null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

const nameTaken = (name: string) =>
  new BrikkError('webhook_source.conflict', `There is a webhook source ${name}`, {
    violations: [{ path: 'name', message: 'is taken' }],
  });
