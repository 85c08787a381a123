import { BrikkError } from '../contracts/errors.js';
import type { Page, PageQuery } from '../contracts/lists.js';
import { pinnedRun } from '../contracts/pinned-run.js';
import { dueAfter, type Schedule, type ScheduleTerms } from '../contracts/schedules.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import { findDefinition, isNewest } from './definitions.repository.js';
import type { ScheduleRow } from './entities/schedule.entity.js';
import { recordRun } from './record-run.js';
import type { StartableRun } from './start-run-workflow.js';
import { uuidv7 } from './uuid.js';

export const SCHEDULE_COLUMNS = `org_id AS "orgId", namespace, name, version, kind, cron, period_ms AS "periodMs", paused,
  next_due_at AS "nextDueAt", last_run_id AS "lastRunId", last_due_at AS "lastDueAt", fires, skipped, missed`;
const AT = 'namespace = $1 AND name = $2';

/** Whose schedule it is: there is one for a workflow. */
export interface ScheduleName {
  namespace: string;
  name: string;
}

/**
 * What a published version says of its schedule holds when it is the newest; `undefined` ends what an older one said. A
 * schedule that stays the same goes on as it was, paused ones stay paused.
 */
export async function setSchedule(
  tx: Tx,
  { orgId, namespace, name, version }: ScheduleName & { orgId: string; version: string },
  terms: ScheduleTerms | undefined,
): Promise<void> {
  if (!(await isNewest(tx, { namespace, name, version }))) return;
  if (!terms) {
    await tx(`DELETE FROM schedule WHERE ${AT}`, [namespace, name]);
    return;
  }
  const { kind, cron = null, periodMs = null } = terms;
  await tx(
    `INSERT INTO schedule AS s (org_id, namespace, name, version, kind, cron, period_ms, next_due_at)
     VALUES ($8, $1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (org_id, namespace, name) DO UPDATE SET version = $3, kind = $4, cron = $5, period_ms = $6,
       next_due_at = CASE WHEN (s.kind, s.cron, s.period_ms) IS NOT DISTINCT FROM ($4, $5, $6::float8)
         THEN s.next_due_at ELSE excluded.next_due_at END`,
    [namespace, name, version, kind, cron, periodMs, dateOf(dueAfter(terms, Date.now())), orgId],
  );
}

/** By namespace and name. */
export async function listSchedules(tx: Tx, { limit, cursor }: PageQuery): Promise<Page<Schedule>> {
  const after = cursor === undefined ? null : decodeCursor(cursor, (text) => text.includes('/'));
  const rows = await tx<ScheduleRow>(
    `SELECT ${SCHEDULE_COLUMNS} FROM schedule WHERE $1::text IS NULL OR namespace || '/' || name > $1
     ORDER BY namespace || '/' || name LIMIT $2`,
    [after, limit + 1],
  );
  return toPage(rows, limit, (row) => `${row.namespace}/${row.name}`, showSchedule);
}

/** Fails `schedule.not_found`. */
export async function findSchedule(tx: Tx, at: ScheduleName): Promise<Schedule> {
  return showSchedule(await findRow(tx, at));
}

/** What is due, or heard, while it is paused is left out. A repeat changes nothing. Fails `schedule.not_found`. */
export async function pauseSchedule(tx: Tx, at: ScheduleName, paused: boolean): Promise<Schedule> {
  const row = await findRow(tx, at, 'FOR UPDATE');
  if (row.paused === paused) return showSchedule(row);
  const waits = row.kind === 'after' && row.nextDueAt === null;
  const next = paused || waits ? row.nextDueAt : dateOf(dueAfter(termsOf(row), Date.now()));
  await tx(`UPDATE schedule SET paused = $3, next_due_at = $4 WHERE ${AT}`, [at.namespace, at.name, paused, next]);
  return findSchedule(tx, at);
}

/** Accepts a run now, whatever the schedule says; the next one of `after` comes after its end. Fails `schedule.not_found`. */
export async function triggerSchedule(tx: Tx, at: ScheduleName): Promise<StartableRun> {
  const row = await findRow(tx, at, 'FOR UPDATE');
  const run = await startScheduled(tx, row, uuidv7());
  await tx(
    `UPDATE schedule SET last_run_id = $3, fires = fires + 1, next_due_at = CASE WHEN kind <> 'after' THEN next_due_at END
     WHERE ${AT}`,
    [at.namespace, at.name, run.input.runId],
  );
  return run;
}

/** An accepted run of the version that the schedule names; one that goes by events is started with none. */
export async function startScheduled(tx: Tx, row: ScheduleRow, id: string): Promise<StartableRun> {
  const { orgId, namespace, name, version, kind } = row;
  const pinned = await findDefinition(tx, namespace, name, version);
  const start = pinnedRun(pinned, { input: kind === 'on' ? [] : null, labels: { schedule: `${namespace}.${name}` } });
  return recordRun(tx, { id, orgId, start, definitionHash: pinned.hash });
}

export function termsOf({ kind, cron, periodMs }: Pick<ScheduleRow, 'kind' | 'cron' | 'periodMs'>): ScheduleTerms {
  if (kind === 'on') return { kind };
  return kind === 'cron' ? { kind, cron: cron as string } : { kind, periodMs: periodMs as number };
}

export const dateOf = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms));

async function findRow(tx: Tx, { namespace, name }: ScheduleName, lock = ''): Promise<ScheduleRow> {
  const [row] = await tx<ScheduleRow>(`SELECT ${SCHEDULE_COLUMNS} FROM schedule WHERE ${AT} ${lock}`, [
    namespace,
    name,
  ]);
  if (row) return row;
  throw new BrikkError('schedule.not_found', `The newest version of ${namespace}/${name} has no schedule`);
}

function showSchedule({ orgId: _org, paused, nextDueAt, lastDueAt, ...row }: ScheduleRow): Schedule {
  return {
    ...row,
    state: paused ? 'paused' : 'active',
    nextDueAt: paused ? null : (nextDueAt?.toISOString() ?? null),
    lastDueAt: lastDueAt?.toISOString() ?? null,
  };
}
