import type { BulkItem, BulkItemDetail, ListItems } from '../contracts/bulk.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import type { BulkItemRow } from './entities/bulk.entity.js';
import type { RunRow } from './entities/run.entity.js';
import { runNotFound } from './find-run.js';
import { loadContributions } from './load-run.js';
import { materialise } from './payloads.repository.js';
import { isUuid } from './uuid.js';

/** Outputs are text: JSON's null is a value. */
type ItemRow = Omit<BulkItemRow, 'output' | 'input' | 'runId'> & {
  output: string | null;
  shardRunId: string;
  /** Of an item that follows a definition, once it has begun. */
  ownRunId: string | null;
};

const ITEM = `SELECT i.index, i.status, i.termination_reason AS "terminationReason", i.output::text AS output,
    i.output_ref AS "outputRef", i.error, i.degraded, i.warnings, i.started_at AS "startedAt",
    i.finished_at AS "finishedAt", s.shard_run_id AS "shardRunId", own.id AS "ownRunId"
  FROM bulk_item i JOIN bulk_shard s
    ON s.run_id = i.run_id AND i.index >= s.first_item AND i.index < s.first_item + s.items
  LEFT JOIN run own ON own.parent_run_id = s.shard_run_id AND own.parent_key = 'items/' || i.index
  WHERE i.run_id = $1`;

/** Items in their order. Fails `run.not_found` and `run.not_bulk`. */
export async function listItems(tx: Tx, runId: string, { status, limit, cursor }: ListItems): Promise<Page<BulkItem>> {
  await checkBulk(tx, runId);
  const after = cursor === undefined ? -1 : Number(decodeCursor(cursor, (index) => /^\d{1,5}$/.test(index)));
  const rows = await tx<ItemRow>(
    `${ITEM} AND i.index > $2 AND ($3::text IS NULL OR i.status = $3) ORDER BY i.index LIMIT $4`,
    [runId, after, status ?? null, limit + 1],
  );
  return toPage(rows, limit, ({ index }) => String(index), toItem);
}

/** Fails `run.not_found`, `run.not_bulk` and `run.item_not_found`. */
export async function loadItem(tx: Tx, runId: string, index: number): Promise<BulkItemDetail> {
  await checkBulk(tx, runId);
  const [row] = await tx<ItemRow>(`${ITEM} AND i.index = $2`, [runId, index]);
  if (!row) throw new BrikkError('run.item_not_found', `Run ${runId} has no item ${index}`);
  const [given] = await tx<{ input: Json; inputRef: string | null }>(
    'SELECT input, input_ref AS "inputRef" FROM bulk_item WHERE run_id = $1 AND index = $2',
    [runId, index],
  );
  const { outputRef, output, ...item } = toItem(row);
  const stored = (ref: string | null | undefined, inline: Json): Promise<Json> =>
    typeof ref === 'string' ? materialise(tx, { ref, bytes: 0 }) : Promise.resolve(inline);
  return {
    ...item,
    input: await stored(given?.inputRef, given?.input ?? null),
    output: await stored(outputRef, output ?? null),
    contributions: await (row.ownRunId === null
      ? loadContributions(tx, row.shardRunId, `items/${index}`)
      : loadContributions(tx, row.ownRunId)),
  };
}

function toItem({ shardRunId, ownRunId, output, outputRef, startedAt, finishedAt, ...row }: ItemRow): BulkItem {
  return {
    ...row,
    ...(output === null ? {} : { output: JSON.parse(output) as Json }),
    ...(outputRef === null ? {} : { outputRef }),
    runId: ownRunId ?? shardRunId,
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

type RunRowKind = RunRow['kind'];

/** Fails `run.not_found`. */
export async function kindOf(tx: Tx, runId: string): Promise<RunRowKind> {
  const [run] = isUuid(runId) ? await tx<{ kind: RunRowKind }>('SELECT kind FROM run WHERE id = $1', [runId]) : [];
  if (!run) throw runNotFound(runId);
  return run.kind;
}

async function checkBulk(tx: Tx, runId: string): Promise<void> {
  if ((await kindOf(tx, runId)) !== 'bulk')
    throw new BrikkError('run.not_bulk', `Run ${runId} is not a bulk run: it has no items`);
}
