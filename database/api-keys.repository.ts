import { BrikkError } from '../contracts/errors.js';
import type { Page, PageQuery } from '../contracts/lists.js';
import type { ApiKey } from '../contracts/organisations.js';
import type { Role, Scope } from '../contracts/permissions.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Database, Tx } from './database.js';
import type { ApiKeyRow } from './entities/api-key.entity.js';
import { hasKeyShape, hashKey, makeKey, prefixOf } from './key-format.js';
import { isUuid, uuidv7 } from './uuid.js';

export interface NewApiKey {
  orgId: string;
  name: string;
  role: Role;
  scopes: Scope[];
  expiresAt?: Date | string | null;
  /** Part of the key's text: `dev`, `live`. */
  env: string;
}

/** Who a request comes from. */
export interface Principal {
  orgId: string;
  keyId: string;
  name: string;
  role: Role;
  scopes: Scope[];
}

/** A revoked key is refused within this time by every process. */
const CACHE_MS = 1_000;
const CACHE_KEYS = 10_000;
const TOUCH_EVERY_MS = 60_000;

const COLUMNS = `id, org_id AS "orgId", name, prefix, hash, role, scopes, expires_at AS "expiresAt",
  revoked_at AS "revokedAt", last_used_at AS "lastUsedAt", created_at AS "createdAt"`;

const caches = new WeakMap<Database, Map<string, { principal: Principal; untilMs: number }>>();

/** Makes a key; its text is in the answer and nowhere else. */
export async function createApiKey(tx: Tx, input: NewApiKey): Promise<{ row: ApiKey; key: string }> {
  const { orgId, name, role, scopes, expiresAt, env } = input;
  const key = makeKey(env);
  const hash = hashKey(key);
  const id = uuidv7();
  const [row] = await tx<ApiKeyRow>(
    `INSERT INTO api_key (id, org_id, name, prefix, hash, role, scopes, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${COLUMNS}`,
    [id, orgId, name, prefixOf(key), hash, role, scopes, expiresAt ? new Date(expiresAt) : null],
  );
  await tx('INSERT INTO api_key_index (hash, org_id, key_id) VALUES ($1, $2, $3)', [hash, orgId, id]);
  return { row: showKey(row!), key };
}

/** Where a key belongs, by its hash: the one look-up that knows no organisation yet. */
export async function findApiKeyByHash(
  database: Database,
  hash: string,
): Promise<{ orgId: string; keyId: string } | undefined> {
  const [place] = await database.outsideOrgs((tx) =>
    tx<{ orgId: string; keyId: string }>(
      'SELECT org_id AS "orgId", key_id AS "keyId" FROM api_key_index WHERE hash = $1',
      [hash],
    ),
  );
  return place;
}

/** Fails `auth.invalid` for an unknown or revoked key and `auth.expired` for one whose time is over. */
export async function authenticate(database: Database, key: string): Promise<Principal> {
  if (!hasKeyShape(key)) throw unknownKey();
  const hash = hashKey(key);
  const cache = cacheOf(database);
  const cached = cache.get(hash);
  if (cached && cached.untilMs > Date.now()) return cached.principal;
  const place = await findApiKeyByHash(database, hash);
  if (!place) throw unknownKey();
  const row = await database.inOrg(place.orgId, (tx) => useKey(tx, place.keyId, hash));
  const { id, orgId, name, role, scopes } = row;
  const principal = { orgId, keyId: id, name, role, scopes };
  const untilMs = Math.min(Date.now() + CACHE_MS, row.expiresAt?.getTime() ?? Infinity);
  if (cache.size >= CACHE_KEYS) cache.clear();
  cache.set(hash, { principal, untilMs });
  return principal;
}

async function useKey(tx: Tx, id: string, hash: string): Promise<ApiKeyRow> {
  const [row] = await tx<ApiKeyRow>(`SELECT ${COLUMNS} FROM api_key WHERE id = $1 AND hash = $2`, [id, hash]);
  if (!row || row.revokedAt) throw unknownKey();
  const now = Date.now();
  if (row.expiresAt && row.expiresAt.getTime() <= now) throw new BrikkError('auth.expired', 'The API key has expired');
  if (now - (row.lastUsedAt?.getTime() ?? 0) > TOUCH_EVERY_MS)
    await tx('UPDATE api_key SET last_used_at = now() WHERE id = $1', [id]);
  return row;
}

/** What a key may do; undefined when it is refused by now. */
export async function findLiveKey(tx: Tx, id: string): Promise<Pick<Principal, 'role' | 'scopes'> | undefined> {
  const [row] = await tx<Pick<Principal, 'role' | 'scopes'>>(
    `SELECT role, scopes FROM api_key
     WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
    [id],
  );
  return row;
}

/** The newest first. */
export async function listApiKeys(tx: Tx, { limit, cursor }: PageQuery): Promise<Page<ApiKey>> {
  const before = cursor === undefined ? null : decodeCursor(cursor, isUuid);
  const rows = await tx<ApiKeyRow>(
    `SELECT ${COLUMNS} FROM api_key WHERE ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2`,
    [before, limit + 1],
  );
  return toPage(rows, limit, ({ id }) => id, showKey);
}

/** The key is refused from now on, at most a second late. A repeat keeps the first time. Fails `api_key.not_found`. */
export async function revokeApiKey(tx: Tx, id: string): Promise<ApiKey> {
  const [row] = isUuid(id)
    ? await tx<ApiKeyRow>(
        `UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING ${COLUMNS}`,
        [id],
      )
    : [];
  if (!row) throw new BrikkError('api_key.not_found', `There is no API key ${id}`);
  return showKey(row);
}

function showKey(row: ApiKeyRow): ApiKey {
  const { id, name, prefix, role, scopes, expiresAt, revokedAt, lastUsedAt, createdAt } = row;
  return {
    id,
    name,
    prefix,
    role,
    scopes,
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}

const unknownKey = () => new BrikkError('auth.invalid', 'The API key is unknown or revoked');

function cacheOf(database: Database): Map<string, { principal: Principal; untilMs: number }> {
  const known = caches.get(database);
  if (known) return known;
  const made = new Map<string, { principal: Principal; untilMs: number }>();
  caches.set(database, made);
  return made;
}
