import type { MemoryHit, SearchMemory } from '../contracts/memory.js';
import type { Tx } from './database.js';
import { LIVE_MEMORY, MEMORY_COLUMNS, type MemorySummaryRow, showMemory } from './memory-rows.js';

/** All texts and numbers of a value, in their order. */
const TEXT = `(SELECT string_agg(part #>> '{}', ' ') FROM jsonb_path_query(value::jsonb, 'strict $.**') AS part
  WHERE jsonb_typeof(part) IN ('string', 'number'))`;

/**
 * Entries that hold the words, the best first (cover density, C. Clarke et al., "Relevance ranking for one to three term
 * queries", 1999); words of the key weigh most. English endings and stop words do not count.
 */
export async function searchMemory(
  tx: Tx,
  { query, scope, scopeId, prefix, limit }: SearchMemory,
): Promise<MemoryHit[]> {
  const rows = await tx<MemorySummaryRow & { rank: number; snippet: string | null }>(
    `WITH hit AS MATERIALIZED (
       SELECT *, ts_rank_cd(words, websearch_to_tsquery('english', $1)) AS rank FROM memory_entry
       WHERE words @@ websearch_to_tsquery('english', $1) AND ${LIVE_MEMORY} AND scope <> 'agent' AND ($2::text IS NULL OR scope = $2)
         AND ($3::text IS NULL OR scope_id = $3) AND starts_with(key, $4)
       ORDER BY rank DESC, updated_at DESC, key LIMIT $5)
     SELECT ${MEMORY_COLUMNS}, rank, ts_headline('english', ${TEXT}, websearch_to_tsquery('english', $1),
       'StartSel=**, StopSel=**, MaxFragments=2, MinWords=5, MaxWords=20') AS snippet
     FROM hit ORDER BY rank DESC, updated_at DESC, key`,
    [query, scope ?? null, scopeId ?? null, prefix ?? '', limit],
  );
  return rows.map(({ rank, snippet, ...row }) => ({ ...showMemory(row), rank, snippet: snippet ?? '' }));
}
