import type { Budget } from '../contracts/budget.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { Rerun } from '../contracts/rerun.js';
import type { AcceptableBulk } from '../contracts/start-bulk.js';
import type { Tx } from './database.js';
import { kindOf } from './load-bulk.js';

interface BulkRow {
  pattern: AcceptableBulk['pattern'];
  with: AcceptableBulk['with'];
  priority: AcceptableBulk['priority'];
  labels: AcceptableBulk['labels'];
  correlationId: string | null;
  budget: Budget | null;
  retentionMs: number | null;
  maxConcurrency: number;
  deadlineMs: number;
  isOver: boolean;
}

/**
 * A bulk run as it was started, with all of its inputs or with those whose items did not complete, in their order. Fails
 * `run.is_bulk` for a shard, `run.not_finished` when it is not known yet what failed, `request.invalid` when nothing did.
 */
export async function bulkToRerun(tx: Tx, runId: string, which: NonNullable<Rerun['items']>): Promise<AcceptableBulk> {
  if ((await kindOf(tx, runId)) !== 'bulk')
    throw new BrikkError('run.is_bulk', 'A shard is not run again: its bulk run is');
  const [row] = await tx<BulkRow>(
    `SELECT pattern, "with", priority, labels, correlation_id AS "correlationId", budget,
       retention_ms AS "retentionMs", max_concurrency AS "maxConcurrency",
       round(extract(epoch FROM deadline_at - accepted_at) * 1000)::float8 AS "deadlineMs",
       finished_at IS NOT NULL AS "isOver" FROM run WHERE id = $1`,
    [runId],
  );
  const { isOver, correlationId, budget, retentionMs, ...shared } = row as BulkRow;
  if (which === 'failed' && !isOver)
    throw new BrikkError('run.not_finished', `Run ${runId} has not ended: what of it failed is not known yet`);
  const items = await tx<{ input: string }>(
    `SELECT coalesce(i.input, p.content)::text AS input FROM bulk_item i LEFT JOIN payload p ON p.id = i.input_ref
     WHERE i.run_id = $1 AND ($2 OR i.status <> 'completed') ORDER BY i.index`,
    [runId, which === 'all'],
  );
  if (items.length === 0)
    throw new BrikkError('request.invalid', 'Every item of the bulk run completed', {
      violations: [{ path: 'items', message: 'there is none that failed' }],
    });
  const inputs = items.map(({ input }) => JSON.parse(input) as Json);
  const said = {
    ...(correlationId === null ? {} : { correlationId }),
    ...(budget ? { budget } : {}),
    ...(retentionMs === null ? {} : { retentionMs }),
  };
  return { ...shared, ...said, inputs } as AcceptableBulk;
}
