import type { Tx } from './database.js';
import { JOURNAL_COLUMNS, type StoredCall, toFinishedCall } from './run-records.js';
import { writeRunRecords } from './write-run-records.js';

export interface JournalCopy {
  fromRunId: string;
  toRunId: string;
  /** What is kept: the results of calls, the decisions of persons, each with the moment when it began. */
  keys: (key: string, path: string, begunAt: Date) => boolean;
}

/** Where a call failed, and when that was known. */
export interface FailedCall {
  path: string;
  finishedAt: Date;
}

/** The calls of a run that failed for good: after their retries, with all candidates. */
export function failedCalls(tx: Tx, runId: string): Promise<FailedCall[]> {
  return tx<FailedCall>(
    `SELECT path, finished_at AS "finishedAt" FROM call_journal WHERE run_id = $1 AND status = 'failed' ORDER BY position`,
    [runId],
  );
}

/** Gives a rerun the results of completed calls; they cost it nothing. A repeat copies nothing new. Answers how many. */
export async function copyJournal(tx: Tx, { fromRunId, toRunId, keys }: JournalCopy): Promise<number> {
  const rows = await tx<StoredCall & { orgId: string; startedAt: Date }>(
    `SELECT ${JOURNAL_COLUMNS}, j.org_id AS "orgId", j.started_at AS "startedAt" FROM call_journal j
     WHERE j.run_id = $1 AND j.status = 'completed' ORDER BY j.position`,
    [fromRunId],
  );
  const kept = rows.filter(({ key, path, startedAt }) => keys(key, path, startedAt));
  const orgId = kept[0]?.orgId;
  if (orgId === undefined) return 0;
  const records = kept.map((row) => ({
    runId: toRunId,
    call: {
      ...toFinishedCall(row),
      path: row.path,
      ...(row.role === null ? {} : { role: row.role }),
      ...(row.round === null ? {} : { round: row.round }),
      usage: { calls: 0 },
      startedAt: row.startedAt,
    },
  }));
  const { outcomes } = await writeRunRecords(tx, orgId, records);
  return outcomes.filter((outcome) => outcome === 'written').length;
}
