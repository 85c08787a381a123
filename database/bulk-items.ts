import type { BulkActivities, EndedItem } from '../contracts/run-workflow.js';
import { BATCH_BYTES } from '../contracts/run-workflow.js';
import type { BulkCounts, ItemStatus, TerminalStatus } from '../contracts/runs.js';
import type { Json } from '../contracts/json.js';
import type { Value } from '../contracts/values.js';
import { countItems, REFRESH_SHARDS, toBulkCounts } from './bulk-counts.js';
import type { Database, Tx } from './database.js';
import { finishRun } from './finish-run.js';
import { keepValue } from './keep-value.js';
import { writeRunRecords } from './write-run-records.js';

type Exchange = Parameters<BulkActivities['exchangeItems']>[0];

/** `BulkActivities.exchangeItems` in Postgres. Events of one bulk run follow one another: their counts only go forward. */
export async function exchangeItems(
  database: Database,
  request: Exchange,
): ReturnType<BulkActivities['exchangeItems']> {
  const { orgId, bulkRunId, first, items, ended } = request;
  const rows = await Promise.all(ended.map((item) => toRow(database, request, item)));
  return database.inOrg(orgId, (tx) =>
    exchange(tx, request, {
      record: () => tx(RECORD, [bulkRunId, JSON.stringify(rows), first, first + items]),
      take: () => takeItems(tx, request),
    }),
  );
}

/** One exchange in its transaction: what ended is put on record before what is next is taken and all are counted. */
export async function exchange<Item>(
  tx: Tx,
  { orgId, bulkRunId, shard, ended }: Pick<Exchange, 'orgId' | 'bulkRunId' | 'shard'> & { ended: { index: number }[] },
  { record, take }: { record: () => Promise<unknown>; take: () => Promise<Item[]> },
): Promise<{ taken: Item[]; counts: BulkCounts }> {
  const [, , taken, [own], counts] = await Promise.all([
    ended.length > 0 ? tx('SELECT FROM run WHERE id = $1 FOR UPDATE', [bulkRunId]) : [],
    ended.length > 0 ? record() : [],
    take(),
    tx<{ counts: Partial<Record<ItemStatus, number>> }>(REFRESH_SHARDS, [bulkRunId, shard]),
    countItems(tx, bulkRunId),
  ]);
  const [earliest] = ended;
  // Each item ends once, so that a repeat has the same key.
  if (earliest) {
    const event = {
      key: `progress/${shard}/${earliest.index}`,
      type: 'bulk.progress',
      data: { shard, counts },
    } as const;
    await writeRunRecords(tx, orgId, [{ runId: bulkRunId, event }]);
  }
  return { taken, counts: toBulkCounts(own?.counts ?? {}) };
}

async function toRow(database: Database, run: Exchange, item: EndedItem) {
  const output = await keepValue(database, run, item.output);
  return {
    index: item.index,
    status: item.status,
    reason: item.terminationReason,
    output: 'json' in output ? output.json : null,
    output_ref: 'ref' in output ? output.ref : null,
    error: item.error ?? null,
    degraded: item.degraded,
    warnings: item.warnings,
  };
}

/** The output is text here: JSON's null is a value. Within the shard's bounds: no plan may read all items for a few. */
const RECORD = `
  UPDATE bulk_item i SET status = e.status, termination_reason = e.reason, output = e.output::json,
    output_ref = e.output_ref, error = e.error, degraded = e.degraded,
    warnings = ARRAY(SELECT json_array_elements_text(e.warnings)), finished_at = clock_timestamp()
  FROM json_to_recordset($2) AS e (index int, status text, reason text, output text, output_ref uuid, error json,
    degraded boolean, warnings json)
  WHERE i.run_id = $1 AND i.index >= $3 AND i.index < $4 AND i.index = e.index AND i.finished_at IS NULL`;

/** By place, not by status: a repeat takes the same items again. Those that ended before an interruption stay away. */
async function takeItems(tx: Tx, { bulkRunId, first, items, next, limit }: Exchange) {
  if (limit <= 0) return [];
  const rows = await tx<{ index: number; input: string | null; ref: string; bytes: number; length: number | null }>(
    TAKE,
    [bulkRunId, next, first + items, limit, BATCH_BYTES],
  );
  return rows.map(({ index, input, ref, bytes, length }): { index: number; input: Value } => ({
    index,
    input:
      input === null ? { ref, bytes, ...(length === null ? {} : { length }) } : { inline: JSON.parse(input) as Json },
  }));
}

const TAKE = `
  WITH open AS (
    SELECT index, input::text AS input, input_ref AS ref, coalesce(octet_length(input::text), 128) AS weight
    FROM bulk_item WHERE run_id = $1 AND index >= $2 AND index < $3 AND finished_at IS NULL ORDER BY index LIMIT $4
  ), taken AS (
    SELECT * FROM (SELECT *, sum(weight) OVER places AS total, row_number() OVER places AS place FROM open
      WINDOW places AS (ORDER BY index)) weighed
    WHERE total <= $5 OR place = 1
  ), started AS (
    UPDATE bulk_item i SET status = 'running', started_at = clock_timestamp()
    FROM taken t WHERE i.run_id = $1 AND i.index >= $2 AND i.index < $3 AND i.index = t.index AND i.status = 'accepted'
  )
  SELECT t.index, t.input, t.ref, p.bytes, p.length FROM taken t LEFT JOIN LATERAL (
    SELECT bytes, CASE WHEN json_typeof(content) = 'array' THEN json_array_length(content) END AS length
    FROM payload WHERE id = t.ref
  ) p ON true ORDER BY t.index`;

/** `BulkActivities.closeItems` in Postgres. */
export async function closeItems(
  database: Database,
  { orgId, runId, status, terminationReason }: Parameters<BulkActivities['closeItems']>[0],
): Promise<BulkCounts> {
  const { counts, open } = await database.inOrg(orgId, async (tx) => {
    await tx('SELECT FROM run WHERE id = $1 FOR UPDATE', [runId]);
    const [, , totals, parts] = await Promise.all([
      tx(
        `UPDATE bulk_item SET status = $2, termination_reason = $3, finished_at = clock_timestamp()
         WHERE run_id = $1 AND finished_at IS NULL`,
        [runId, status, terminationReason],
      ),
      tx(REFRESH_SHARDS, [runId, null]),
      countItems(tx, runId),
      tx<{ runId: string }>(
        `WITH shards AS (SELECT shard_run_id AS id FROM bulk_shard WHERE run_id = $1)
         SELECT item.id AS "runId" FROM shards JOIN run item ON item.parent_run_id = shards.id
         WHERE item.kind = 'item' AND item.finished_at IS NULL
         UNION ALL SELECT id FROM shards JOIN run USING (id) WHERE run.finished_at IS NULL`,
        [runId],
      ),
    ]);
    return { counts: totals, open: parts };
  });
  const end = { status: status satisfies TerminalStatus, terminationReason, degraded: false, rounds: 0, warnings: [] };
  for (const part of open)
    await finishRun(database, { orgId, runId: part.runId, ...end, output: { inline: null }, events: [] });
  return counts;
}
