import type { Connection, ConnectionInUse } from '../contracts/connections.js';
import { PRIORITIES } from '../contracts/priority.js';
import { usedPoints, usePoints } from './connection-limits.js';
import { type Place, reservedMs, spacingMs, waitOf } from './connection-queue-rules.js';
import type { Database, Tx } from './database.js';

/** A call of a run, to a connection. */
export interface QueuedCall {
  connectionId: string;
  runId: string;
  callKey: string;
}

/** `holdMs`: a call that never says that it has ended has its place for so long. */
export type TurnRequest = Omit<QueuedCall, 'connectionId'> & { holdMs: number };
type LimitedConnection = Pick<Connection, 'id' | 'rateLimit' | 'maxInFlight'>;

/** A priority is worth so much of a wait: beyond it age decides, so that no call starves. */
const HEAD_START_MS = 600_000;
/** A place is kept for a call that is not back in time, and how long it is shown among those that wait. */
const LATE_MS = 2_000;
const SHOWN_LATE_MS = 60_000;

const IS_OPEN_RUN = 'NOT EXISTS (SELECT FROM run r WHERE r.id = q.run_id AND r.finished_at IS NOT NULL)';
const WAITS = `q.state <> 'sending' AND q.until > clock_timestamp() - ${SHOWN_LATE_MS} * interval '1 ms' AND ${IS_OPEN_RUN}`;

/** Its turn is that of its first request, by its run's priority, behind the calls of the same run. */
const ENTER = `
  INSERT INTO connection_queue AS q (org_id, connection_id, run_id, call_key, state, turn_at, until)
  SELECT $1, $2, a.run_id, a.call_key, $5,
    greatest(
      clock_timestamp() + ('${JSON.stringify(PRIORITIES)}'::json ->> coalesce(r.priority, 'normal'))::int
        * interval '${HEAD_START_MS} ms',
      own.last_turn_at + $6::float8 * interval '1 ms'
    ) + (row_number() OVER (PARTITION BY a.run_id ORDER BY a.place) - 1) * $6::float8 * interval '1 ms',
    clock_timestamp() + $7::float8 * interval '1 ms'
  FROM (
    SELECT run_id, call_key, min(place) AS place
    FROM unnest($3::uuid[], $4::text[]) WITH ORDINALITY AS u(run_id, call_key, place) GROUP BY 1, 2
  ) a
  LEFT JOIN run r ON r.id = a.run_id
  CROSS JOIN LATERAL (
    SELECT max(l.turn_at) AS last_turn_at FROM connection_queue l WHERE l.connection_id = $2 AND l.run_id = a.run_id
  ) own
  ON CONFLICT (connection_id, run_id, call_key) DO UPDATE SET state = excluded.state, until = excluded.until`;

/**
 * Whose turn it is of those who ask: milliseconds to wait, undefined for those who may go. Calls wait by priority and age,
 * none of them inside of a worker: who was sent away comes back when its turn is expected, and finds its place kept.
 */
export async function askForTurns(
  tx: Tx,
  orgId: string,
  connection: LimitedConnection,
  asked: readonly TurnRequest[],
): Promise<(number | undefined)[]> {
  const { id } = connection;
  const calls = [asked.map(({ runId }) => runId), asked.map(({ callKey }) => callKey)];
  await tx(`SELECT pg_advisory_xact_lock(hashtextextended('connection ' || $1, 0))`, [id]);
  const [points, [sending]] = await Promise.all([
    usedPoints(tx, connection),
    tx<{ count: number }>(
      `SELECT count(*)::int AS count FROM connection_queue
       WHERE connection_id = $1 AND state = 'sending' AND until > clock_timestamp()
         AND (run_id, call_key) NOT IN (SELECT * FROM unnest($2::uuid[], $3::text[]))`,
      [id, ...calls],
    ),
    tx(ENTER, [orgId, id, ...calls, 'waiting', spacingMs(connection), 0]),
  ]);
  const used = { ...points, inFlight: sending?.count ?? 0 };
  const places = await tx<Place>(STANDING, [id, ...calls, reservedMs(connection, used)]);
  const waits = places.map((place) => waitOf(connection, used, place));
  const taken = new Set(asked.flatMap(({ runId, callKey }, at) => (waits[at] === undefined ? [runId + callKey] : [])));
  await Promise.all([
    usePoints(tx, connection, taken.size),
    tx(SEND_OR_WAIT, [id, ...calls, waits.map((waitMs) => waitMs ?? null), asked.map(({ holdMs }) => holdMs)]),
  ]);
  return waits;
}

/** One row for each who asks, in their order. */
const STANDING = `
  WITH line AS (
    SELECT q.run_id, q.call_key, (count(*) OVER turns)::int - 1 AS ahead,
      (count(*) FILTER (WHERE q.until < clock_timestamp() + $4 * interval '1 ms') OVER turns)::int - 1 AS ahead_now
    FROM connection_queue q
    WHERE q.connection_id = $1 AND q.state = 'waiting' AND q.until > clock_timestamp() - ${LATE_MS} * interval '1 ms'
      AND ${IS_OPEN_RUN}
    WINDOW turns AS (ORDER BY q.turn_at, q.run_id, q.call_key)
  )
  SELECT coalesce(line.ahead, 0) AS ahead, coalesce(line.ahead_now, 0) AS "aheadNow"
  FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS a(run_id, call_key, place) LEFT JOIN line USING (run_id, call_key)
  ORDER BY a.place`;

const SEND_OR_WAIT = `
  UPDATE connection_queue q SET state = CASE WHEN a.wait_ms IS NULL THEN 'sending' ELSE 'waiting' END,
    until = clock_timestamp() + coalesce(a.wait_ms, a.hold_ms) * interval '1 ms'
  FROM unnest($2::uuid[], $3::text[], $4::float8[], $5::float8[]) AS a(run_id, call_key, wait_ms, hold_ms)
  WHERE q.connection_id = $1 AND q.run_id = a.run_id AND q.call_key = a.call_key`;

/** A call that was put off is under way again. */
export async function resumeQueued(
  tx: Tx,
  { connectionId, runId, callKey }: QueuedCall,
  holdMs: number,
): Promise<void> {
  await tx(
    `UPDATE connection_queue SET state = 'sending', until = clock_timestamp() + $4 * interval '1 ms'
     WHERE connection_id = $1 AND run_id = $2 AND call_key = $3`,
    [connectionId, runId, callKey, holdMs],
  );
}

/** The call has no place any more: it has ended, or the system (its breaker) wants it back after `waitMs`. */
export async function leaveQueue(
  tx: Tx,
  orgId: string,
  { connectionId, runId, callKey }: QueuedCall,
  waitMs = 0,
): Promise<void> {
  if (waitMs > 0) await tx(ENTER, [orgId, connectionId, [runId], [callKey], 'backoff', 0, waitMs]);
  else
    await tx('DELETE FROM connection_queue WHERE connection_id = $1 AND run_id = $2 AND call_key = $3', [
      connectionId,
      runId,
      callKey,
    ]);
}

/** Calls that wait, by connection; those that nobody waits for are missing. */
export async function queuesOf(
  tx: Tx,
  connectionIds: readonly string[],
): Promise<Map<string, ConnectionInUse['queue']>> {
  const rows = await tx<{ id: string; waiting: number; oldestMs: number }>(
    `${COUNT} AND q.connection_id = ANY($1::uuid[]) GROUP BY 1`,
    [connectionIds],
  );
  return new Map(rows.map(({ id, ...queue }) => [id, queue]));
}

/** The same of all organisations, for metrics. */
export const queuesOfAll = (database: Database): Promise<{ id: string; waiting: number; oldestMs: number }[]> =>
  database.asDispatch((tx) => tx(`${COUNT} GROUP BY 1`));

const COUNT = `
  SELECT q.connection_id AS id, count(*)::int AS waiting,
    greatest(0, round(extract(epoch FROM clock_timestamp() - min(q.requested_at)) * 1000))::float8 AS "oldestMs"
  FROM connection_queue q WHERE ${WAITS}`;
