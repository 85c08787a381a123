import { createHash } from 'node:crypto';
import { firesOf } from '../contracts/schedules.js';
import type { Database, Tx } from './database.js';
import type { ScheduleRow } from './entities/schedule.entity.js';
import { dateOf, SCHEDULE_COLUMNS, type ScheduleName, startScheduled, termsOf } from './schedules.repository.js';
import type { StartableRun } from './start-run-workflow.js';
import { uuidv7Of } from './uuid.js';

const AT_ONCE = 100;

/**
 * Accepts the runs of all schedules that are due. A schedule and its runs change in one transaction, so that whoever dies
 * and whoever else sweeps, each time has one run; the id of a run follows from its time. One that cannot be carried out
 * does not hold up the others: it fails at the end, when their runs are on record.
 */
export async function sweepSchedules(database: Database, nowMs = Date.now()): Promise<StartableRun[]> {
  const due = await database.asDispatch((tx) =>
    tx<ScheduleName & { orgId: string }>(
      `SELECT org_id AS "orgId", namespace, name FROM schedule s WHERE NOT paused AND (next_due_at <= $1
         OR kind = 'after' AND next_due_at IS NULL AND (SELECT finished_at FROM run WHERE id = s.last_run_id) IS NOT NULL)
       ORDER BY next_due_at NULLS FIRST LIMIT ${AT_ONCE}`,
      [new Date(nowMs)],
    ),
  );
  const started: StartableRun[] = [];
  const failures: unknown[] = [];
  for (const { orgId, ...at } of due)
    await database
      .inOrg(orgId, (tx) => fire(tx, at, nowMs))
      .then(
        (runs) => started.push(...runs),
        (error: unknown) => failures.push(error),
      );
  if (failures.length > 0) throw failures[0];
  return started;
}

async function fire(tx: Tx, { namespace, name }: ScheduleName, nowMs: number): Promise<StartableRun[]> {
  const [row] = await tx<ScheduleRow>(
    `SELECT ${SCHEDULE_COLUMNS} FROM schedule WHERE namespace = $1 AND name = $2 AND NOT paused
     FOR UPDATE SKIP LOCKED`,
    [namespace, name],
  );
  if (!row) return [];
  const terms = termsOf(row);
  if (terms.kind === 'on') return [];
  const endedAt = row.nextDueAt === null || terms.kind === 'cron' ? await lastEnd(tx, row) : undefined;
  const dueMs = row.nextDueAt?.getTime() ?? (endedAt && terms.kind === 'after' ? endedAt + terms.periodMs : undefined);
  if (dueMs === undefined) return [];
  const { times, missed, nextMs } = firesOf(terms, dueMs, nowMs);
  const overlaps = terms.kind === 'cron' && row.lastRunId !== null && endedAt === undefined;
  const fired = overlaps ? [] : times;
  const runs: StartableRun[] = [];
  for (const time of fired) runs.push(await startScheduled(tx, row, runIdOf(row, time)));
  const last = runs.at(-1)?.input.runId ?? row.lastRunId;
  await tx(
    `UPDATE schedule SET next_due_at = $3, last_run_id = $4, last_due_at = $5, fires = fires + $6, skipped = skipped + $7,
       missed = missed + $8 WHERE namespace = $1 AND name = $2`,
    [
      namespace,
      name,
      dateOf(nextMs),
      last,
      dateOf(fired.at(-1)) ?? row.lastDueAt,
      fired.length,
      times.length - fired.length,
      missed,
    ],
  );
  return runs;
}

/** When the last run ended; undefined while it goes on, or when there was none. */
async function lastEnd(tx: Tx, { lastRunId }: ScheduleRow): Promise<number | undefined> {
  const [run] = await tx<{ finishedAt: Date | null }>(`SELECT finished_at AS "finishedAt" FROM run WHERE id = $1`, [
    lastRunId,
  ]);
  return run?.finishedAt?.getTime();
}

function runIdOf({ orgId, namespace, name }: ScheduleRow, dueMs: number): string {
  return uuidv7Of(dueMs, createHash('sha256').update(`${orgId} ${namespace}/${name} ${dueMs}`).digest());
}
