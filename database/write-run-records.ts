import { BrikkError } from '../contracts/errors.js';
import { isTerminal, type RunStatus } from '../contracts/runs.js';
import { JOURNAL_COLUMNS, journalColumns, keyOf, statusAfter, type RunRecord, type StoredCall } from './run-records.js';
import type { Sql } from './sql.js';

/** What became of one record. `dropped`: its run has ended, nothing was written. */
export type Written =
  { outcome: 'written' | 'dropped' } | { outcome: 'known'; stored?: StoredCall } | { outcome: 'failed'; error: Error };

interface LockedRun {
  id: string;
  status: RunStatus;
  lastPosition: number;
}
interface Slot {
  record: RunRecord;
  position: number;
}

/** A notice of Postgres holds 8,000 bytes. */
const NOTICE_BYTES = 7_900;

/**
 * Writes events and finished calls of runs of one organisation, inside the caller's transaction. Run rows are locked in
 * order of id (one lock order, no deadlock), keys already there are found by a later statement (which sees what the
 * lock waited for), and positions follow the run's last one: 1..n without gaps. `run.finished` ends the stream.
 * Answers in the order of `records`.
 */
export async function writeRunRecords(sql: Sql, orgId: string, records: RunRecord[]): Promise<Written[]> {
  const runs = await lockRuns(sql, [...new Set(records.map(({ runId }) => runId))]);
  const known = await findKnown(sql, records);
  const slots: Slot[] = [];
  const changed = new Set<LockedRun>();
  const written = records.map((record): Written => {
    const id = `${record.runId} ${'call' in record ? 'call' : 'event'} ${keyOf(record)}`;
    const run = runs.get(record.runId);
    if (!run) return { outcome: 'failed', error: new BrikkError('run.not_found', `There is no run ${record.runId}`) };
    if (known.has(id)) {
      const stored = known.get(id);
      return stored ? { outcome: 'known', stored } : { outcome: 'known' };
    }
    if (isTerminal(run.status)) return { outcome: 'dropped' };
    known.set(id, undefined);
    run.lastPosition += 1;
    if ('event' in record) {
      const { type, data } = record.event;
      run.status =
        type === 'run.finished'
          ? (data as { status: RunStatus }).status
          : (statusAfter(type, run.status) ?? run.status);
    }
    slots.push({ record, position: run.lastPosition });
    changed.add(run);
    return { outcome: 'written' };
  });
  if (slots.length > 0) {
    await insertEvents(sql, orgId, slots);
    await insertCalls(sql, orgId, slots);
    await updateRuns(sql, [...changed]);
    await notify(
      sql,
      [...changed].map(({ id }) => id),
    );
  }
  return written;
}

async function lockRuns(sql: Sql, ids: string[]): Promise<Map<string, LockedRun>> {
  const rows = await sql<LockedRun>(
    `SELECT id, status, last_position AS "lastPosition" FROM run WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

async function findKnown(sql: Sql, records: RunRecord[]): Promise<Map<string, StoredCall | undefined>> {
  const known = new Map<string, StoredCall | undefined>();
  const events = records.filter((record) => 'event' in record);
  const calls = records.filter((record) => 'call' in record);
  const keys = (list: RunRecord[]) => [list.map(({ runId }) => runId), list.map(keyOf)];
  if (events.length > 0) {
    const rows = await sql<{ runId: string; key: string }>(
      `SELECT e.run_id AS "runId", e.key FROM unnest($1::uuid[], $2::text[]) AS k (run_id, key)
       JOIN run_event e ON e.run_id = k.run_id AND e.key = k.key`,
      keys(events),
    );
    for (const { runId, key } of rows) known.set(`${runId} event ${key}`, undefined);
  }
  if (calls.length > 0) {
    const rows = await sql<StoredCall>(
      `SELECT ${JOURNAL_COLUMNS} FROM unnest($1::uuid[], $2::text[]) AS k (run_id, key)
       JOIN call_journal j ON j.run_id = k.run_id AND j.call_key = k.key`,
      keys(calls),
    );
    for (const row of rows) known.set(`${row.runId} call ${row.key}`, row);
  }
  return known;
}

async function insertEvents(sql: Sql, orgId: string, slots: Slot[]): Promise<void> {
  const rows = slots.flatMap(({ record, position }) => ('event' in record ? [{ ...record, position }] : []));
  if (rows.length === 0) return;
  await sql(
    `INSERT INTO run_event (org_id, run_id, position, key, at, type, data)
     SELECT $1, run_id, position, key, clock_timestamp(), type, data::json
     FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[]) AS r (run_id, position, key, type, data)`,
    [
      orgId,
      rows.map(({ runId }) => runId),
      rows.map(({ position }) => position),
      rows.map(({ event }) => event.key),
      rows.map(({ event }) => event.type),
      rows.map(({ event }) => JSON.stringify(event.data)),
    ],
  );
}

const CALL_TYPES = {
  call_key: 'text',
  path: 'text',
  status: 'text',
  attempts: 'int',
  agent_id: 'uuid',
  agent: 'text',
  version: 'text',
  instance_id: 'uuid',
  role: 'text',
  round: 'int',
  usage: 'json',
  confidence: 'float8',
  output: 'json',
  payload_ref: 'uuid',
  payload_bytes: 'int',
  payload_length: 'int',
  error: 'json',
  queue_ms: 'float8',
  exec_ms: 'float8',
  started_at: 'timestamptz',
} as const;
const CALL_COLUMNS = Object.entries(CALL_TYPES);
const INSERT_CALLS = `INSERT INTO call_journal (org_id, run_id, position, finished_at, ${Object.keys(CALL_TYPES).join(', ')})
  SELECT $1, run_id, position, clock_timestamp(), ${CALL_COLUMNS.map(([name, type]) => `${name}::${type}`).join(', ')}
  FROM unnest($2::uuid[], $3::int[], ${CALL_COLUMNS.map((_, at) => `$${at + 4}::text[]`).join(', ')})
    AS r (run_id, position, ${Object.keys(CALL_TYPES).join(', ')})`;

async function insertCalls(sql: Sql, orgId: string, slots: Slot[]): Promise<void> {
  const calls = slots.flatMap(({ record, position }) => ('call' in record ? [{ ...record, position }] : []));
  if (calls.length === 0) return;
  const rows = calls.map(({ call }) => journalColumns(call));
  const column = (name: string) => rows.map((row) => toText(row[name]));
  await sql(INSERT_CALLS, [
    orgId,
    calls.map(({ runId }) => runId),
    calls.map(({ position }) => position),
    ...CALL_COLUMNS.map(([name]) => column(name)),
  ]);
}

function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number);
}

async function updateRuns(sql: Sql, runs: LockedRun[]): Promise<void> {
  await sql(
    `UPDATE run SET last_position = r.last_position, status = r.status,
       started_at = CASE WHEN run.status = 'accepted' AND r.status = 'running' THEN now() ELSE run.started_at END
     FROM unnest($1::uuid[], $2::int[], $3::text[]) AS r (id, last_position, status) WHERE run.id = r.id`,
    [runs.map(({ id }) => id), runs.map(({ lastPosition }) => lastPosition), runs.map(({ status }) => status)],
  );
}

async function notify(sql: Sql, ids: string[]): Promise<void> {
  const perNotice = Math.floor(NOTICE_BYTES / 37);
  const notices = Array.from({ length: Math.ceil(ids.length / perNotice) }, (_, at) =>
    ids.slice(at * perNotice, (at + 1) * perNotice).join(','),
  );
  await sql(`SELECT pg_notify('brikk_run', notice) FROM unnest($1::text[]) AS n (notice)`, [notices]);
}
