import { type BulkCounts, ITEM_STATUSES, type ItemStatus } from '../contracts/runs.js';
import type { Tx } from './database.js';

/** Counts by status, all of them named. */
export function toBulkCounts(items: Partial<Record<ItemStatus, number>>): BulkCounts {
  const counts = Object.fromEntries(ITEM_STATUSES.map((status) => [status, items[status] ?? 0]));
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { total, ...counts } as BulkCounts;
}

/** All items of a bulk run by status: a few rows are added up, not ten thousand counted. */
export async function countItems(tx: Tx, runId: string): Promise<BulkCounts> {
  const rows = await tx<{ status: ItemStatus; items: number }>(
    `SELECT key AS status, sum(value::int)::int AS items FROM bulk_shard, json_each_text(counts)
     WHERE run_id = $1 GROUP BY key`,
    [runId],
  );
  return toBulkCounts(Object.fromEntries(rows.map(({ status, items }) => [status, items])));
}

/** Counts the items of shards anew: of shard `$2`, of all when it is null. */
export const REFRESH_SHARDS = `
  UPDATE bulk_shard s SET counts = (
    SELECT json_object_agg(status, items) FROM (
      SELECT status, count(*) AS items FROM bulk_item i
      WHERE i.run_id = s.run_id AND i.index >= s.first_item AND i.index < s.first_item + s.items GROUP BY status
    ) by_status)
  WHERE s.run_id = $1 AND ($2::int IS NULL OR s.shard = $2) RETURNING s.counts`;
