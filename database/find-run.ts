import { BrikkError } from '../contracts/errors.js';
import type { RunSummary } from '../contracts/runs.js';
import type { Tx } from './database.js';
import type { RunRow } from './entities/run.entity.js';
import { isUuid } from './uuid.js';

export type SummaryRow = Pick<
  RunRow,
  | 'id'
  | 'orgId'
  | 'pattern'
  | 'workflow'
  | 'status'
  | 'terminationReason'
  | 'labels'
  | 'priority'
  | 'correlationId'
  | 'parentRunId'
  | 'acceptedAt'
  | 'startedAt'
  | 'finishedAt'
>;
export const SUMMARY_COLUMNS = `id, org_id AS "orgId", pattern, workflow, status, termination_reason AS "terminationReason", labels,
  priority, correlation_id AS "correlationId", parent_run_id AS "parentRunId", accepted_at AS "acceptedAt",
  started_at AS "startedAt", finished_at AS "finishedAt"`;

/** A part of a bulk run is nobody's run: lists and counts leave it out. */
export const NO_PART = `kind NOT IN ('shard', 'item')`;

/** An item of a bulk run has its parameters from its shard. */
export const WITH_OF_RUN = `CASE WHEN kind = 'item'
  THEN (SELECT shard."with" FROM run shard WHERE shard.id = run.parent_run_id) ELSE "with" END AS "with"`;

/** What lists show of a run; undefined when there is none in this organisation. */
export async function findRun(tx: Tx, id: string): Promise<SummaryRow | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await tx<SummaryRow>(`SELECT ${SUMMARY_COLUMNS} FROM run WHERE id = $1`, [id]);
  return row;
}

export const runNotFound = (id: string) => new BrikkError('run.not_found', `There is no run ${id}`);

export function summarise(row: SummaryRow): RunSummary {
  const { id, pattern, workflow, status, terminationReason, labels, priority, correlationId, parentRunId } = row;
  return {
    id,
    pattern,
    workflow,
    status,
    terminationReason,
    labels,
    priority,
    correlationId,
    parentRunId,
    acceptedAt: row.acceptedAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
