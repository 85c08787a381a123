import type { Json } from '../contracts/json.js';
import type { MemoryScope, MemorySummary } from '../contracts/memory.js';
import type { RecallRequest } from '../contracts/memory-activities.js';
import type { Tx } from './database.js';
import { LIVE_MEMORY, MEMORY_COLUMNS, type MemorySummaryRow, showMemory } from './memory-rows.js';
import { listMemory } from './memory.repository.js';
import { searchMemory } from './search-memory.js';

export type Remembered = Pick<MemorySummary, 'key' | 'version'> & { scope: string; scopeId?: string; value: Json };

/** The entries asked for, with the values of those that fit, and of the others up to `maxLeftBytes`. Fails `run.not_found`. */
export async function recallMemory(tx: Tx, request: RecallRequest) {
  const { kept, left } = fitting(await findEntries(tx, request), request.maxBytes);
  const further = fitting(left, request.maxLeftBytes).kept;
  const values = await readValues(tx, [...kept, ...further]);
  const known = (entries: MemorySummary[]) => entries.flatMap((entry) => values.get(nameOf(entry)) ?? []);
  return { kept: known(kept), left: known(further), omitted: left.length };
}

/** Each entry that fits beside those before it; a large one does not keep smaller ones out. */
export function fitting<Entry extends Pick<MemorySummary, 'key' | 'scope' | 'scopeId' | 'bytes'>>(
  entries: readonly Entry[],
  maxBytes: number,
): { kept: Entry[]; left: Entry[] } {
  const kept: Entry[] = [];
  const left: Entry[] = [];
  let room = maxBytes - LIST_BYTES;
  for (const entry of entries) {
    const { key, scope, scopeId, bytes } = entry;
    const size = bytes + key.length + scope.length + (scopeId?.length ?? 0) + FIELD_BYTES;
    const fits = size <= room;
    if (fits) room -= size;
    (fits ? kept : left).push(entry);
  }
  return { kept, left };
}

const LIST_BYTES = 2;
/** Names of fields, version and signs around an entry. */
const FIELD_BYTES = 64;

async function findEntries(tx: Tx, request: RecallRequest): Promise<MemorySummary[]> {
  const { scope, scopeId, keys, prefix, query, limit } = request;
  if (query !== undefined) return searchMemory(tx, { query, scope, scopeId: scopeId || undefined, prefix, limit });
  const place = { scope: scope as MemoryScope, scopeId: scopeId ?? '' };
  if (!keys) return (await listMemory(tx, place, { prefix, limit })).items;
  const rows = await tx<MemorySummaryRow>(
    `SELECT ${MEMORY_COLUMNS} FROM memory_entry WHERE scope = $1 AND scope_id = $2 AND key = ANY($3::text[])
       AND ${LIVE_MEMORY} ORDER BY array_position($3::text[], key)`,
    [place.scope, place.scopeId, keys],
  );
  return rows.map(showMemory);
}

/** What stands there now, by the names of entries; what is gone by then is left out. */
async function readValues(tx: Tx, entries: MemorySummary[]): Promise<Map<string, Remembered>> {
  if (entries.length === 0) return new Map();
  const rows = await tx<{ scope: string; scopeId: string; key: string; version: number; value: string }>(
    `SELECT scope, scope_id AS "scopeId", key, version, value::text AS value
     FROM memory_entry JOIN unnest($1::text[], $2::text[], $3::text[]) AS wanted (s, i, k)
       ON scope = s AND scope_id = i AND key = k WHERE ${LIVE_MEMORY}`,
    [entries.map(({ scope }) => scope), entries.map(({ scopeId }) => scopeId ?? ''), entries.map(({ key }) => key)],
  );
  const found = rows.map(({ scope, scopeId, key, version, value }): [string, Remembered] => [
    nameOf({ scope, scopeId, key }),
    { scope, ...(scopeId === '' ? {} : { scopeId }), key, version, value: JSON.parse(value) as Json },
  ]);
  return new Map(found);
}

const nameOf = ({ scope, scopeId, key }: { scope: string; scopeId: string | null; key: string }) =>
  `${scope}/${scopeId ?? ''}/${key}`;
