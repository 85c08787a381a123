import type { Breaker } from '../contracts/breakers.js';
import { BrikkError } from '../contracts/errors.js';
import type { Page, PageQuery } from '../contracts/lists.js';
import { type BreakerKind, countBreakerMoves } from './breaker-changes.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import { isUuid } from './uuid.js';
import { announce, breakerNews } from './webhook-announcements.js';
import { WEBHOOK_CHANNEL } from './webhook-channel.js';

/** Of connectors: so many calls, so many of them without an answer, in this time. */
const THRESHOLD = { calls: 10, failures: 0.5, windowMs: 60_000 };
const OPEN_MS = 30_000;
const LONGEST_OPEN_MS = 300_000;
/** A probe that never reports, because its worker died, holds the circuit no longer. */
const PROBE_MS = 45_000;

interface Row {
  target: string;
  state: Breaker['state'];
  okCount: number;
  failCount: number;
  timesOpened: number;
  openUntil: Date | null;
  leftMs: number;
}
const COLUMNS = `target, state, ok_count AS "okCount", fail_count AS "failCount", times_opened AS "timesOpened",
  open_until AS "openUntil", ceil(extract(epoch FROM open_until - clock_timestamp()) * 1000)::float8 AS "leftMs"`;

export type Passage = { state: 'closed' | 'probe'; failures: number } | { state: 'open'; leftMs: number };

/** Whether a call may go out now: all of them, the one that tries, or none before `leftMs`. */
export async function passBreaker(tx: Tx, target: string): Promise<Passage> {
  const [row] = await tx<Row>(`SELECT ${COLUMNS} FROM circuit_breaker WHERE target = $1`, [target]);
  if (!row || row.state === 'closed') return { state: 'closed', failures: row?.failCount ?? 0 };
  if (row.leftMs > 0) return { state: 'open', leftMs: row.leftMs };
  const won = await tx(
    `UPDATE circuit_breaker SET state = 'half_open', open_until = clock_timestamp() + $2 * interval '1 ms'
     WHERE target = $1 AND state IN ('open', 'half_open') AND open_until <= clock_timestamp() RETURNING target`,
    [target, PROBE_MS],
  );
  return won.length > 0 ? { state: 'probe', failures: 1 } : { state: 'open', leftMs: PROBE_MS };
}

/** Counts what came of a call. True when the circuit has opened or closed by it. */
export async function reportToBreaker(tx: Tx, orgId: string, target: string, isFailure: boolean): Promise<boolean> {
  const [row] = (await tx<Row>(
    `INSERT INTO circuit_breaker AS b (org_id, target, ok_count, fail_count) VALUES ($1, $2, $3, $4)
     ON CONFLICT (org_id, target) DO UPDATE SET
       ok_count = CASE WHEN b.window_start < clock_timestamp() - $5 * interval '1 ms' THEN 0 ELSE b.ok_count END + $3,
       fail_count = CASE WHEN b.window_start < clock_timestamp() - $5 * interval '1 ms' THEN 0 ELSE b.fail_count END + $4,
       window_start = CASE WHEN b.window_start < clock_timestamp() - $5 * interval '1 ms' THEN clock_timestamp()
         ELSE b.window_start END
     RETURNING ${COLUMNS}`,
    [orgId, target, isFailure ? 0 : 1, isFailure ? 1 : 0, THRESHOLD.windowMs],
  )) as [Row];
  if (row.state === 'closed') {
    const calls = row.okCount + row.failCount;
    if (!isFailure || calls < THRESHOLD.calls || row.failCount / calls < THRESHOLD.failures) return false;
    return open(tx, target, row);
  }
  if (row.state === 'half_open') return isFailure ? open(tx, target, row) : close(tx, target);
  // A call that went out before it opened.
  return false;
}

async function open(tx: Tx, target: string, { timesOpened, state }: Row): Promise<boolean> {
  const openMs = Math.min(LONGEST_OPEN_MS, OPEN_MS * 2 ** timesOpened);
  const rows = await tx(
    `UPDATE circuit_breaker SET state = 'open', times_opened = times_opened + 1, ok_count = 0, fail_count = 0,
       open_until = clock_timestamp() + $3 * interval '1 ms' WHERE target = $1 AND state = $2 RETURNING target`,
    [target, state, openMs],
  );
  return rows.length > 0;
}

async function close(tx: Tx, target: string): Promise<boolean> {
  const rows = await tx(
    `UPDATE circuit_breaker SET state = 'closed', times_opened = 0, ok_count = 0, fail_count = 0, open_until = NULL
     WHERE target = $1 AND state <> 'closed' RETURNING target`,
    [target],
  );
  return rows.length > 0;
}

/** Of connections; and of webhook endpoints, whose breakers stand on their rows, which are locked for what they send anyway. */
const ALL = `(
  SELECT ${COLUMNS} FROM circuit_breaker
  UNION ALL
  SELECT 'webhook:' || id, breaker, (health ->> 'okCount')::int, (health ->> 'failCount')::int,
    (health ->> 'timesOpened')::int, CASE WHEN breaker <> 'closed' THEN held_until END, 0
  FROM webhook_endpoint
  WHERE run_id IS NULL AND (breaker <> 'closed' OR (health ->> 'failCount')::int > 0)) AS b`;

/** By target. */
export async function listBreakers(tx: Tx, { limit, cursor }: PageQuery): Promise<Page<Breaker>> {
  const after = cursor === undefined ? null : decodeCursor(cursor, (target) => target !== '');
  const rows = await tx<Row>(`SELECT * FROM ${ALL} WHERE $1::text IS NULL OR target > $1 ORDER BY target LIMIT $2`, [
    after,
    limit + 1,
  ]);
  return toPage(rows, limit, ({ target }) => target, show);
}

/** Closed, and its counts forgotten: what waits goes out at once. Fails `breaker.not_found`. */
export async function resetBreaker(tx: Tx, orgId: string, target: string): Promise<void> {
  const [, kind, id] = /^(webhook|connector):(.+)$/.exec(target) ?? [];
  const reset = kind === 'webhook' ? resetEndpoint : resetConnection;
  const before = id !== undefined && isUuid(id) ? await reset(tx, id) : undefined;
  if (!kind || !before) throw new BrikkError('breaker.not_found', `There is no circuit breaker ${target}`);
  if (before.state === 'closed') return;
  const about: Record<string, string> = kind === 'webhook' ? { endpoint: before.name } : { connection: before.name };
  await announce(tx, orgId, [breakerNews(target, about, 'closed')]);
  await countBreakerMoves(tx, orgId, kind as BreakerKind, ['closed']);
}

interface Before {
  name: string;
  state: Breaker['state'];
}

/** Undefined when it has no breaker. */
async function resetConnection(tx: Tx, id: string): Promise<Before | undefined> {
  const [before] = await tx<Before>(
    `DELETE FROM circuit_breaker b USING connection c WHERE b.target = $1 AND c.id = $2 RETURNING c.name, b.state`,
    [`connector:${id}`, id],
  );
  return before;
}

/** Undefined when there is no such endpoint. */
async function resetEndpoint(tx: Tx, id: string): Promise<Before | undefined> {
  const [before] = await tx<Before>(
    'SELECT name, breaker AS state FROM webhook_endpoint WHERE id = $1 AND run_id IS NULL FOR UPDATE',
    [id],
  );
  if (!before) return undefined;
  await tx(
    `UPDATE webhook_endpoint SET breaker = 'closed', held_until = CASE WHEN $2 THEN NULL ELSE held_until END,
       health = health::jsonb || '{"okCount":0,"failCount":0,"timesOpened":0}' WHERE id = $1`,
    [id, before.state !== 'closed'],
  );
  await tx(`SELECT pg_notify('${WEBHOOK_CHANNEL}', '')`);
  return before;
}

const show = ({ target, state, okCount, failCount, timesOpened, openUntil }: Row): Breaker => ({
  target,
  state,
  calls: okCount + failCount,
  failures: failCount,
  timesOpened,
  openUntil: openUntil?.toISOString() ?? null,
});
