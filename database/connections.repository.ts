import { type FreshTokens, needsPerson, type ConnectionAuth } from '../contracts/connection-auth.js';
import type { PreviousCredential } from '../contracts/connector-effects.js';
import {
  type ChangeConnection,
  type Connection,
  type CreateConnection,
  type PutCredential,
} from '../contracts/connections.js';
import { BrikkError } from '../contracts/errors.js';
import type { Page, PageQuery } from '../contracts/lists.js';
import { endOfCredential, firstWarningOf } from './credential-end.js';
import { keepTokens } from './credential-tokens.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import type { ConnectionRow } from './entities/connection.entity.js';
import { isUuid, uuidv7 } from './uuid.js';
import type { Vault } from './vault.js';

const COLUMNS = `id, name, provider, auth_kind AS "authKind", status, settings,
  credential_version AS "credentialVersion", last_error AS "lastError", previous_until AS "previousUntil",
  expires_at AS "expiresAt", created_at AS "createdAt",
  updated_at AS "updatedAt"`;

const authCell = (orgId: string, id: string) => ({ orgId, table: 'credential', column: 'auth', rowId: id });

/** Fails `connection.conflict` when the name is taken. */
export async function createConnection(
  tx: Tx,
  vault: Vault,
  orgId: string,
  { name, provider, auth, expiresAt, ...settings }: CreateConnection,
): Promise<Connection> {
  const id = uuidv7();
  const endsAt = endOfCredential(auth, expiresAt);
  const [row] = await tx<ConnectionRow>(
    `INSERT INTO connection (id, org_id, name, provider, auth_kind, status, settings, expires_at, warn_at)
     VALUES ($1, $2, $3, $4, $5, $7, $6, $8, $9) ON CONFLICT (org_id, name) DO NOTHING RETURNING ${COLUMNS}`,
    [
      id,
      orgId,
      name,
      provider,
      auth.kind,
      JSON.stringify(settings),
      needsPerson(auth) ? 'pending' : 'active',
      endsAt,
      firstWarningOf(endsAt),
    ],
  );
  if (!row) throw nameTaken(name);
  await keepCredential(tx, vault, { orgId, id, version: 1 }, auth);
  return show(row);
}

/** By name. */
export async function listConnections(tx: Tx, { limit, cursor }: PageQuery): Promise<Page<Connection>> {
  const after = cursor === undefined ? null : decodeCursor(cursor, (name) => name !== '');
  const rows = await tx<ConnectionRow>(
    `SELECT ${COLUMNS} FROM connection WHERE $1::text IS NULL OR name > $1 ORDER BY name LIMIT $2`,
    [after, limit + 1],
  );
  return toPage(rows, limit, ({ name }) => name, show);
}

/** Fails `connection.not_found`. */
export async function findConnection(tx: Tx, id: string, lock: '' | 'FOR UPDATE' = ''): Promise<Connection> {
  return show(await findRow(tx, id, lock));
}

/** What is said changes. Fails `connection.not_found` and `connection.conflict`. */
export async function changeConnection(
  tx: Tx,
  id: string,
  { name, ...settings }: ChangeConnection,
): Promise<Connection> {
  const row = await findRow(tx, id, 'FOR UPDATE');
  if (name !== undefined && name !== row.name) {
    const taken = await tx('SELECT FROM connection WHERE name = $1', [name]);
    if (taken.length > 0) throw nameTaken(name);
  }
  const [changed] = await tx<ConnectionRow>(
    `UPDATE connection SET name = $2, settings = $3, updated_at = clock_timestamp() WHERE id = $1 RETURNING ${COLUMNS}`,
    [id, name ?? row.name, JSON.stringify({ ...row.settings, ...settings })],
  );
  return show(changed as ConnectionRow);
}

interface NextCredential extends PutCredential {
  /** Of an agreement. */
  tokens?: FreshTokens;
  /** So long the one before it is kept, to be tried where this one is refused. */
  overlapMs?: number;
}

/** Calls that begin from now on use it; those before are gone, unless there is an overlap. Fails `connection.not_found`. */
export async function putCredential(
  tx: Tx,
  vault: Vault,
  orgId: string,
  id: string,
  { auth, expiresAt, tokens, overlapMs = 0 }: NextCredential,
): Promise<Connection> {
  const before = await findRow(tx, id, 'FOR UPDATE');
  const [last] = await tx<{ version: number }>(
    'SELECT coalesce(max(version), 0) AS version FROM credential WHERE connection_id = $1',
    [id],
  );
  const version = (last?.version ?? 0) + 1;
  const credentialId = await keepCredential(tx, vault, { orgId, id, version }, auth);
  if (tokens) await keepTokens(tx, vault, { orgId, credentialId }, tokens);
  const endsAt = endOfCredential(auth, expiresAt);
  const overlap = before.status === 'active' && overlapMs > 0 ? overlapMs : null;
  await tx('DELETE FROM credential WHERE connection_id = $1 AND version < $2 AND version IS DISTINCT FROM $3', [
    id,
    version,
    overlap === null ? null : before.credentialVersion,
  ]);
  const [row] = await tx<ConnectionRow>(
    `UPDATE connection SET credential_version = $2, auth_kind = $3, status = $4, last_error = NULL, expires_at = $5,
       warn_at = $7, previous_until = clock_timestamp() + $6::float8 * interval '1 ms', updated_at = clock_timestamp()
     WHERE id = $1 RETURNING ${COLUMNS}`,
    [
      id,
      version,
      auth.kind,
      needsPerson(auth) && !tokens ? 'pending' : 'active',
      endsAt,
      overlap,
      firstWarningOf(endsAt),
    ],
  );
  return show(row as ConnectionRow);
}

/** Its credential is destroyed. Fails `connection.not_found`. */
export async function revokeConnection(tx: Tx, id: string): Promise<Connection> {
  await findRow(tx, id, 'FOR UPDATE');
  // The row stays, so that versions are never counted twice.
  await tx(`UPDATE credential SET auth = '', tokens = NULL, tokens_usable_until = NULL WHERE connection_id = $1`, [id]);
  const [row] = await tx<ConnectionRow>(
    `UPDATE connection SET credential_version = 0, status = 'revoked', previous_until = NULL, expires_at = NULL,
       warn_at = NULL,
       updated_at = clock_timestamp()
     WHERE id = $1 RETURNING ${COLUMNS}`,
    [id],
  );
  return show(row as ConnectionRow);
}

/** With its credential and the record of its calls. Fails `connection.not_found`. */
export async function deleteConnection(tx: Tx, id: string): Promise<void> {
  await findRow(tx, id, 'FOR UPDATE');
  await tx('DELETE FROM credential WHERE connection_id = $1', [id]);
  await tx('DELETE FROM connector_call WHERE connection_id = $1', [id]);
  await tx('DELETE FROM connection_queue WHERE connection_id = $1', [id]);
  await tx('DELETE FROM oauth_state WHERE connection_id = $1', [id]);
  await tx('DELETE FROM connection_health WHERE connection_id = $1', [id]);
  await tx('DELETE FROM rate_limit WHERE key = $1', [id]);
  await tx('DELETE FROM circuit_breaker WHERE target = $1', [`connector:${id}`]);
  await tx('DELETE FROM connection WHERE id = $1', [id]);
}

/** The system refused the credential of this version: nothing goes out until there is another. True when this is news. */
export async function refuseCredential(tx: Tx, id: string, version: number, reason: string): Promise<boolean> {
  const rows = await tx(
    `UPDATE connection SET status = 'needs_reauth', last_error = $3, updated_at = clock_timestamp()
     WHERE id = $1 AND credential_version = $2 AND status = 'active' RETURNING id`,
    [id, version, reason],
  );
  return rows.length > 0;
}

/** The connection of a name, or the one that a provider has. Fails `connection.not_found` and `connection.not_usable`. */
export async function connectionFor(
  tx: Tx,
  { provider, name }: { provider: ConnectionRow['provider']; name?: string | undefined },
): Promise<Connection> {
  const rows = await tx<ConnectionRow>(
    `SELECT ${COLUMNS} FROM connection WHERE CASE WHEN $1::text IS NULL THEN provider = $2 ELSE name = $1 END
     ORDER BY name LIMIT 20`,
    [name ?? null, provider],
  );
  const [row] = rows;
  if (!row) {
    const what = name === undefined ? `There is no connection of ${provider}` : `There is no connection ${name}`;
    throw new BrikkError('connection.not_found', what);
  }
  if (rows.length > 1) {
    const names = rows.map((one) => one.name).join(', ');
    throw new BrikkError('connection.not_found', `There are several connections of ${provider}: say which (${names})`);
  }
  if (row.provider !== provider)
    throw new BrikkError(
      'connection.not_usable',
      `The connection ${row.name} is of ${row.provider}, not of ${provider}`,
    );
  return show(row);
}

/** What proves who the connection is. */
export async function openCredential(
  tx: Tx,
  vault: Vault,
  orgId: string,
  { id, credentialVersion }: Pick<Connection, 'id' | 'credentialVersion'>,
): Promise<ConnectionAuth> {
  const [row] = await tx<{ id: string; auth: string }>(
    'SELECT id, auth FROM credential WHERE connection_id = $1 AND version = $2',
    [id, credentialVersion],
  );
  if (!row) throw new BrikkError('connection.not_usable', 'The connection has no credential');
  return JSON.parse(await vault.open(tx, authCell(orgId, row.id), row.auth)) as ConnectionAuth;
}

/** The one before it, while it is tried, too. */
export async function openPrevious(
  tx: Tx,
  vault: Vault,
  orgId: string,
  { id, credentialVersion, previousUntil }: Connection,
): Promise<PreviousCredential | undefined> {
  if (previousUntil === null) return undefined;
  const [row] = await tx<{ version: number }>(
    'SELECT max(version) AS version FROM credential WHERE connection_id = $1 AND version < $2 HAVING max(version) > 0',
    [id, credentialVersion],
  );
  if (!row) return undefined;
  return { version: row.version, auth: await openCredential(tx, vault, orgId, { id, credentialVersion: row.version }) };
}

/** The system refused the credential of this version, and took the one before it. */
export async function noteRefusal(
  tx: Tx,
  { id, credentialVersion }: Pick<Connection, 'id' | 'credentialVersion'>,
  reason: string,
): Promise<void> {
  await tx(
    `UPDATE connection SET last_error = $3, updated_at = clock_timestamp()
     WHERE id = $1 AND credential_version = $2 AND last_error IS DISTINCT FROM $3`,
    [id, credentialVersion, reason],
  );
}

async function keepCredential(
  tx: Tx,
  vault: Vault,
  { orgId, id, version }: { orgId: string; id: string; version: number },
  auth: ConnectionAuth,
): Promise<string> {
  const credentialId = uuidv7();
  const sealed = await vault.seal(tx, authCell(orgId, credentialId), JSON.stringify(auth));
  await tx('INSERT INTO credential (id, org_id, connection_id, version, auth) VALUES ($1, $2, $3, $4, $5)', [
    credentialId,
    orgId,
    id,
    version,
    sealed,
  ]);
  return credentialId;
}

async function findRow(tx: Tx, id: string, lock = ''): Promise<ConnectionRow> {
  const [row] = isUuid(id)
    ? await tx<ConnectionRow>(`SELECT ${COLUMNS} FROM connection WHERE id = $1 ${lock}`, [id])
    : [];
  if (!row) throw new BrikkError('connection.not_found', `There is no connection ${id}`);
  return row;
}

function show({ settings, createdAt, updatedAt, previousUntil, expiresAt, ...row }: ConnectionRow): Connection {
  const { id, name, provider, authKind, status, credentialVersion, lastError } = row;
  return {
    id,
    name,
    provider,
    authKind,
    status,
    ...settings,
    // Connections that were made before there were any.
    fallback: settings.fallback ?? null,
    maxInFlight: settings.maxInFlight ?? null,
    credentialVersion,
    previousUntil: previousUntil !== null && previousUntil.getTime() > Date.now() ? previousUntil.toISOString() : null,
    expiresAt: expiresAt?.toISOString() ?? null,
    lastError,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

const nameTaken = (name: string) =>
  new BrikkError('connection.conflict', `There is a connection ${name}`, {
    violations: [{ path: 'name', message: 'is taken' }],
  });
