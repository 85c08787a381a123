import { A2A_TASK_PREFIX } from '../contracts/a2a-states.js';
import { LIFECYCLE_PREFIX } from '../contracts/event-bus.js';
import { LIFECYCLE_SOURCES } from '../contracts/lifecycle-events.js';
import { TERMINAL_STATUSES } from '../contracts/runs.js';
import { subscribedAs } from '../contracts/heard-types.js';
import { TOLD_RUN_TYPES } from '../contracts/webhook-endpoints.js';
import { releaseLeases } from './call-leases.js';
import type { Tx } from './database.js';
import { BUS_CHANNEL } from './bus-channel.js';
import { journalColumns, keyOf, type RunRecord, statusAfter } from './run-records.js';
import { settleBudgets } from './settle-budgets.js';

/**
 * What became of one record. `known`: its key is there already; `dropped`: its run has ended; `missing`: there is no such
 * run. Only `written` left a trace.
 */
export type Outcome = 'written' | 'known' | 'dropped' | 'missing';

export interface WrittenRecords {
  /** In the order of the records. */
  outcomes: Outcome[];
  /** Runs that somebody asked to pause or to cancel. */
  heldRuns: ReadonlySet<string>;
}

/**
 * Writes events and finished calls of runs of one organisation, inside the caller's transaction. Run rows are locked in
 * order of id (one lock order, no deadlock); keys that are there already are found by the statement after it, which sees
 * what the lock waited for. Positions follow the run's last one: 1..n without gaps. `run.finished` ends the stream.
 */
export async function writeRunRecords(tx: Tx, orgId: string, records: RunRecord[]): Promise<WrittenRecords> {
  const runIds = [...new Set(records.map(({ runId }) => runId))];
  const rows = JSON.stringify(toRows(records));
  const [, [answer]] = await Promise.all([
    tx('SELECT FROM run WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE', [runIds]),
    tx<{ others: [place: number, outcome: Outcome][] | null; held: string[] | null }>(WRITE, [orgId, rows, runIds]),
    settle(tx, records),
  ]);
  const outcomes = records.map((): Outcome => 'written');
  for (const [place, outcome] of answer?.others ?? []) outcomes[place] = outcome;
  return { outcomes, heldRuns: new Set(answer?.held) };
}

/** Also for what is known or came late: the agent has done it. */
async function settle(tx: Tx, records: RunRecord[]): Promise<void> {
  const settlements = records.flatMap((record) => ('call' in record && record.call.hasReserved ? [record] : []));
  if (settlements.length > 0) await settleBudgets(tx, settlements);
  const leased = records.flatMap((record) => ('call' in record && record.call.hasAsked ? [record] : []));
  if (leased.length > 0)
    await releaseLeases(
      tx,
      leased.map(({ runId, call }) => ({ runId, key: call.key })),
    );
}

/** `is_twin`: its key came before in the same batch; `is_late`: its run's end did. */
function toRows(records: RunRecord[]): Record<string, unknown>[] {
  const keys = new Set<string>();
  const ended = new Set<string>();
  return records.map((record, place) => {
    const { runId } = record;
    const key = keyOf(record);
    const name = `${runId} ${'event' in record} ${key}`;
    const head = {
      place,
      run_id: runId,
      key,
      is_twin: keys.has(name) || undefined,
      is_late: ended.has(runId) || undefined,
    };
    keys.add(name);
    // Added to what is there: V8 copies an object property by property, which a thousand records feel.
    if ('call' in record) return Object.assign(journalColumns(record.call), head);
    const { type, data } = record.event;
    if (type === 'run.finished') ended.add(runId);
    return Object.assign({ type, data, run_status: statusAfter(record.event) }, head);
  });
}

/** Columns of a finished call besides `run_id` and `call_key`. Its output is text here, since JSON's null is a value. */
const CALL_COLUMNS = {
  path: 'text',
  status: 'text',
  attempts: 'int',
  agent_id: 'uuid',
  agent: 'text',
  version: 'text',
  instance_id: 'uuid',
  role: 'text',
  round: 'int',
  capability: 'text',
  usage: 'json',
  confidence: 'float8',
  degraded: 'boolean',
  output: 'text',
  payload_ref: 'uuid',
  payload_bytes: 'int',
  payload_length: 'int',
  error: 'json',
  queue_ms: 'float8',
  exec_ms: 'float8',
  started_at: 'timestamptz',
} as const;
const CALL_NAMES = Object.keys(CALL_COLUMNS);

/** A notice of Postgres holds 8,000 bytes: a run's id and status take at most 60. */
const RUNS_PER_NOTICE = 120;

/** Subscriptions to how runs of definitions go. */
export const OF_LIFECYCLE = `type >= '${LIFECYCLE_PREFIX}' AND type < '${LIFECYCLE_PREFIX}~'`;

const textsOf = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(', ');

/** All subscriptions by which an endpoint hears of runs: few, and looked for only when such an event is written. */
const TOLD_AS = [...new Set(TOLD_RUN_TYPES.flatMap(subscribedAs))];

const WRITE = `
  WITH present AS MATERIALIZED (
    SELECT id, status, last_position, pause_requested OR cancel_requested AS is_held, pattern FROM run WHERE id = ANY($3::uuid[])
  ), judged AS MATERIALIZED (
    SELECT r.*, run.last_position, run.is_held, run.pattern, CASE
      WHEN run.id IS NULL THEN 'missing'
      WHEN there.is_known OR r.is_twin THEN 'known'
      WHEN run.status IN (${textsOf(TERMINAL_STATUSES)}) OR r.is_late THEN 'dropped'
      ELSE 'written' END AS outcome
    FROM json_to_recordset($2) AS r (place int, run_id uuid, key text, is_twin bool, is_late bool, type text, data json,
      run_status text, ${Object.entries(CALL_COLUMNS)
        .map(([name, type]) => `${name} ${type}`)
        .join(', ')})
    LEFT JOIN present run ON run.id = r.run_id
    -- Looked up one by one: a join over all of them would read the whole table for a few runs.
    LEFT JOIN LATERAL (
      (SELECT true AS is_known FROM run_event e WHERE r.type IS NOT NULL AND e.run_id = r.run_id AND e.key = r.key LIMIT 1)
      UNION ALL
      (SELECT true FROM call_journal j WHERE r.type IS NULL AND j.run_id = r.run_id AND j.call_key = r.key LIMIT 1)
    ) there ON true
  ), fresh AS MATERIALIZED (
    SELECT j.*, last_position + row_number() OVER (PARTITION BY run_id ORDER BY place) AS position, clock.at
    FROM judged j, (SELECT clock_timestamp() AS at) clock WHERE outcome = 'written'
  ), events AS (
    INSERT INTO run_event (org_id, run_id, position, key, at, type, data)
    SELECT $1, run_id, position, key, at, type, data FROM fresh WHERE type IS NOT NULL
  ), calls AS (
    INSERT INTO call_journal (org_id, run_id, call_key, position, finished_at, ${CALL_NAMES.join(', ')})
    SELECT $1, run_id, key, position, at, ${CALL_NAMES.map((name) => (name === 'output' ? 'output::json' : name)).join(', ')}
    FROM fresh WHERE type IS NULL
  ), ends AS MATERIALIZED (
    SELECT run_id, max(position) AS position, max(at) AS at,
      (array_agg(run_status ORDER BY place DESC) FILTER (WHERE run_status IS NOT NULL))[1] AS run_status,
      bool_or(run_status = 'running') AS has_begun
    FROM fresh GROUP BY run_id
  ), runs AS (
    UPDATE run SET last_position = f.position, status = coalesce(f.run_status, run.status),
      started_at = CASE WHEN f.has_begun THEN coalesce(run.started_at, f.at) ELSE run.started_at END
    FROM ends f WHERE run.id = f.run_id AND run.id = ANY($3::uuid[]) RETURNING run.id, run.status
  ), outbox AS (
    -- What goes to the bus. Of definitions also how they go, when somebody hears that; of those who hear it only how the
    -- whole run goes, so that nobody's hearing is news to another. What webhook endpoints are told of runs, when one is.
    INSERT INTO bus_outbox (run_id, position, org_id)
    SELECT run_id, position, $1 FROM fresh WHERE type = 'event.emitted'
      OR (pattern = 'workflow' AND type IN (${textsOf(LIFECYCLE_SOURCES)})
        AND (SELECT EXISTS (SELECT FROM bus_subscription WHERE org_id = $1 AND ${OF_LIFECYCLE}))
        AND (type LIKE 'run.%' OR NOT EXISTS (
          SELECT FROM bus_subscription WHERE listener_id = fresh.run_id AND ${OF_LIFECYCLE})))
      OR (type IN (${textsOf(TOLD_RUN_TYPES)}) AND (SELECT EXISTS (
        SELECT FROM bus_subscription s JOIN bus_listener l ON l.id = s.listener_id
        WHERE s.org_id = $1 AND s.type IN (${textsOf(TOLD_AS)}) AND l.is_endpoint)))
      OR (type IN (${textsOf(TOLD_RUN_TYPES)}) AND EXISTS (
        SELECT FROM bus_subscription WHERE org_id = $1 AND type = '${A2A_TASK_PREFIX}' || run_id))
    RETURNING run_id
  ), called AS MATERIALIZED (
    SELECT pg_notify('${BUS_CHANNEL}', '') WHERE EXISTS (SELECT FROM outbox)
  ), told AS MATERIALIZED (
    SELECT pg_notify('brikk_run', string_agg(id || ' ' || status, ','))
    FROM (SELECT id, status, row_number() OVER () / ${RUNS_PER_NOTICE} AS notice FROM runs) r GROUP BY notice
  )
  SELECT (SELECT json_agg(json_build_array(place, outcome)) FROM judged WHERE outcome <> 'written') AS others,
    (SELECT json_agg(DISTINCT run_id) FROM judged WHERE is_held) AS held,
    (SELECT count(*) FROM told) + (SELECT count(*) FROM called) AS notices`;
