import type { FailedCall, ListFailedCalls } from '../contracts/failed-calls.js';
import type { Page } from '../contracts/lists.js';
import { isTerminal } from '../contracts/run-status.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import { isUuid } from './uuid.js';

interface Row extends Omit<FailedCall, 'startedAt' | 'failedAt' | 'replay'> {
  /** Of the run that the journal names: a shard, where the call is of a bulk run. */
  ownRunId: string;
  isOfBulk: boolean;
  startedAt: Date;
  failedAt: Date;
}

/**
 * The newest first, over all runs of the organisation. A call of a bulk run's shard is told of the bulk run, which is what
 * can be run again.
 */
export async function listFailedCalls(tx: Tx, filter: ListFailedCalls): Promise<Page<FailedCall>> {
  const { limit, cursor, capability, agent, pattern, run, since } = filter;
  const [before, beforeRun, beforeKey] = cursor === undefined ? [] : splitCursor(decodeCursor(cursor, isPlace));
  const rows = await tx<Row>(
    `SELECT j.run_id AS "ownRunId", s.id AS "runId", s.pattern, s.workflow, s.status AS "runStatus", s.kind = 'bulk' AS "isOfBulk",
       j.call_key AS key, j.path, j.role, j.capability, j.agent, j.agent_id AS "agentId", j.attempts, j.error,
       j.started_at AS "startedAt", j.finished_at AS "failedAt"
     FROM call_journal j
     -- Looked up for one call after the other, so that a page reads a page of the index, however many runs there are.
     JOIN LATERAL (
       SELECT CASE WHEN kind = 'shard' THEN parent_run_id ELSE id END AS id FROM run WHERE id = j.run_id LIMIT 1
     ) shown ON true
     JOIN LATERAL (SELECT id, pattern, workflow, status, kind FROM run WHERE id = shown.id LIMIT 1) s ON true
     WHERE j.status = 'failed' AND ($1::timestamptz IS NULL OR (j.finished_at, j.run_id, j.call_key) < ($1, $2::uuid, $3::text))
       AND ($4::text IS NULL OR j.capability = $4) AND ($5::text IS NULL OR j.agent = $5 OR j.agent_id::text = $5)
       AND ($6::text IS NULL OR s.pattern = $6) AND ($7::uuid IS NULL OR j.run_id = ANY (ARRAY(
         SELECT id FROM run WHERE id = $7 OR (parent_run_id = $7 AND kind = 'shard'))))
       AND ($8::timestamptz IS NULL OR j.finished_at >= $8)
     ORDER BY j.finished_at DESC, j.run_id DESC, j.call_key DESC LIMIT $9`,
    [
      before ?? null,
      beforeRun ?? null,
      beforeKey ?? null,
      capability ?? null,
      agent ?? null,
      pattern ?? null,
      run ?? null,
      since ?? null,
      limit + 1,
    ],
  );
  return toPage(rows, limit, ({ failedAt, ownRunId, key }) => `${failedAt.toISOString()} ${ownRunId} ${key}`, show);
}

function show({ ownRunId: _ownRunId, isOfBulk, error, startedAt, failedAt, ...row }: Row): FailedCall {
  const body = isOfBulk ? { items: 'failed' as const } : { calls: 'failed' as const };
  return {
    ...row,
    error: { code: error.code, message: error.message },
    startedAt: startedAt.toISOString(),
    failedAt: failedAt.toISOString(),
    replay: isTerminal(row.runStatus) ? { path: `/v1/runs/${row.runId}/rerun`, body } : null,
  };
}

/** Keys of calls may hold blanks. */
function splitCursor(place: string): [at: string, runId: string, key: string] {
  const [at = '', runId = '', ...key] = place.split(' ');
  return [at, runId, key.join(' ')];
}

function isPlace(text: string): boolean {
  const [at, runId] = splitCursor(text);
  return isUuid(runId) && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at) && !Number.isNaN(Date.parse(at));
}
