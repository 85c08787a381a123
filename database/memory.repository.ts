import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import {
  type AppendMemory,
  type ListMemory,
  MAX_MEMORY_BYTES,
  MAX_MEMORY_ITEMS,
  type KeptAddress,
  type MemoryEntry,
  type KeptPlace,
  type MemorySummary,
  type PutMemory,
} from '../contracts/memory.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Database, Tx } from './database.js';
import type { MemoryEntryRow } from './entities/memory-entry.entity.js';
import { findRun, runNotFound } from './find-run.js';
import { nameOfAgent } from './list-agents.js';
import { LIVE_MEMORY, MEMORY_COLUMNS, type MemorySummaryRow, showMemory } from './memory-rows.js';

export { searchMemory } from './search-memory.js';

export type MemoryWriter = MemorySummary['updatedBy'];

const AT = 'scope = $1 AND scope_id = $2 AND key = $3';
const IS_KEY = (text: string) => /^[A-Za-z0-9._-]{1,128}$/.test(text);

/** The entry, with its time by the database's clock. Fails `memory.not_found`, and `run.not_found` or `agent.not_found` for the memory of none. */
export async function readMemory(tx: Tx, address: KeptAddress): Promise<MemoryEntry> {
  await checkPlace(tx, address);
  const [row] = await tx<MemorySummaryRow & { value: string }>(
    `SELECT ${MEMORY_COLUMNS}, value::text AS value FROM memory_entry WHERE ${AT} AND ${LIVE_MEMORY}`,
    placeOf(address),
  );
  if (!row) throw memoryNotFound(address);
  const { value, ...summary } = row;
  return { ...showMemory(summary), value: JSON.parse(value) as Json };
}

/** Keys in order, without their values. Fails `run.not_found`. */
export async function listMemory(
  tx: Tx,
  place: KeptPlace,
  { prefix, limit, cursor }: ListMemory,
): Promise<Page<MemorySummary>> {
  await checkPlace(tx, place);
  const after = cursor === undefined ? null : decodeCursor(cursor, IS_KEY);
  const rows = await tx<MemorySummaryRow>(
    `SELECT ${MEMORY_COLUMNS} FROM memory_entry WHERE scope = $1 AND scope_id = $2 AND ${LIVE_MEMORY}
       AND starts_with(key, $3) AND ($4::text IS NULL OR key > $4) ORDER BY key LIMIT $5`,
    [place.scope, place.scopeId, prefix ?? '', after, limit + 1],
  );
  return toPage(rows, limit, ({ key }) => key, showMemory);
}

/** A new value. Fails `memory.conflict` when another version stands than `ifVersion`, `memory.too_large`, `run.not_found`. */
export async function putMemory(
  tx: Tx,
  address: KeptAddress,
  by: MemoryWriter,
  { value, ifVersion, ttlMs }: PutMemory,
): Promise<MemorySummary> {
  const standing = await lock(tx, address);
  checkVersion(address, ifVersion, standing);
  return write(tx, address, by, { value, ttlMs: ttlMs ?? null }, standing);
}

/**
 * One more item at the end of a list; writers at the same time follow one another. Fails `memory.not_a_list`,
 * `memory.too_large`, `run.not_found`.
 */
export async function appendMemory(
  tx: Tx,
  address: KeptAddress,
  by: MemoryWriter,
  { item, maxItems, ttlMs }: AppendMemory,
): Promise<MemorySummary> {
  const standing = await lock(tx, address);
  const list = standing?.isLive ? (JSON.parse(standing.value) as Json) : [];
  if (!Array.isArray(list)) throw new BrikkError('memory.not_a_list', `${named(address)} is no list to append to`);
  const items = [...list, item];
  const kept = maxItems === undefined ? items : items.slice(-maxItems);
  if (kept.length > MAX_MEMORY_ITEMS)
    throw new BrikkError('memory.too_large', `${named(address)} holds ${MAX_MEMORY_ITEMS} items, which is the most`, {
      violations: [{ path: 'maxItems', message: 'lets the oldest items go', allowed: { maximum: MAX_MEMORY_ITEMS } }],
    });
  return write(tx, address, by, { value: kept, ttlMs: ttlMs ?? 'kept' }, standing);
}

/** Fails `memory.not_found`, `memory.conflict`, `run.not_found`. The next value goes on counting versions for a day. */
export async function deleteMemory(
  tx: Tx,
  address: KeptAddress,
  { ifVersion }: Pick<PutMemory, 'ifVersion'>,
): Promise<void> {
  const standing = await lock(tx, address);
  checkVersion(address, ifVersion, standing);
  if (!standing?.isLive) throw memoryNotFound(address);
  await tx(
    `UPDATE memory_entry SET value = 'null', words = '', bytes = 0, expires_at = now() - interval '1 ms' WHERE ${AT}`,
    placeOf(address),
  );
}

/** Removes what nobody has been able to see for a day. */
export async function sweepMemory(database: Database): Promise<void> {
  await database.asDispatch((tx) => tx(`DELETE FROM memory_entry WHERE expires_at < now() - interval '1 day'`));
}

type Standing = Pick<MemoryEntryRow, 'version'> & { value: string; isLive: boolean };

/** Until the transaction ends nobody else writes this entry. The second statement sees what the lock waited for. */
async function lock(tx: Tx, address: KeptAddress): Promise<Standing | undefined> {
  await checkPlace(tx, address);
  const [, [standing]] = await Promise.all([
    tx(`SELECT pg_advisory_xact_lock(hashtextextended('memory ' || $1, 0))`, [
      `${tx.orgId} ${placeOf(address).join(' ')}`,
    ]),
    tx<Standing>(
      `SELECT version, value::text AS value, ${LIVE_MEMORY} AS "isLive" FROM memory_entry WHERE ${AT}`,
      placeOf(address),
    ),
  ]);
  return standing;
}

function checkVersion(address: KeptAddress, ifVersion: number | undefined, standing: Standing | undefined): void {
  const version = standing?.isLive ? standing.version : 0;
  if (ifVersion === undefined || ifVersion === version) return;
  const what = version === 0 ? 'there is none' : `its version is ${version}`;
  throw new BrikkError('memory.conflict', `${named(address)} was to have version ${ifVersion}; ${what}`, {
    violations: [{ path: 'ifVersion', message: what, allowed: version }],
  });
}

/** Versions go on where an entry was deleted or has expired: nobody mistakes its successor for it. */
async function write(
  tx: Tx,
  address: KeptAddress,
  by: MemoryWriter,
  { value, ttlMs }: { value: Json; ttlMs: number | null | 'kept' },
  standing: Standing | undefined,
): Promise<MemorySummary> {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_MEMORY_BYTES)
    throw new BrikkError('memory.too_large', `${named(address)} would take ${bytes} bytes of JSON`, {
      violations: [{ path: 'value', message: 'is too large', allowed: { maxBytes: MAX_MEMORY_BYTES } }],
    });
  const keepsTime = ttlMs === 'kept' && standing?.isLive === true;
  const [row] = await tx<MemorySummaryRow>(
    `INSERT INTO memory_entry AS m (org_id, scope, scope_id, key, value, version, bytes, words, updated_by, created_at, updated_at, expires_at)
     VALUES ($4, $1, $2, $3, $5, 1, $6, memory_words($3, $5::json), $7, clock_timestamp(), clock_timestamp(),
       clock_timestamp() + $8 * interval '1 ms')
     ON CONFLICT (org_id, scope, scope_id, key) DO UPDATE SET value = excluded.value, version = m.version + 1,
       bytes = excluded.bytes, words = excluded.words, updated_by = excluded.updated_by, updated_at = excluded.updated_at,
       created_at = CASE WHEN $10 THEN m.created_at ELSE excluded.created_at END,
       expires_at = CASE WHEN $9 THEN m.expires_at ELSE excluded.expires_at END
     RETURNING ${MEMORY_COLUMNS}`,
    [
      ...placeOf(address),
      tx.orgId,
      text,
      bytes,
      JSON.stringify(by),
      typeof ttlMs === 'number' ? ttlMs : null,
      keepsTime,
      standing?.isLive === true,
    ],
  );
  return showMemory(row!);
}

async function checkPlace(tx: Tx, { scope, scopeId }: KeptPlace): Promise<void> {
  if (scope === 'run' && !(await findRun(tx, scopeId))) throw runNotFound(scopeId);
  if (scope === 'agent') await nameOfAgent(tx, scopeId);
}

const placeOf = ({ scope, scopeId, key }: KeptAddress): string[] => [scope, scopeId, key];
const named = ({ scope, scopeId, key }: KeptAddress) =>
  `The memory entry ${key} of ${scope === 'organisation' ? 'the organisation' : `${scope} ${scopeId}`}`;
const memoryNotFound = (address: KeptAddress) => new BrikkError('memory.not_found', `${named(address)} does not exist`);
