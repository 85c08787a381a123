import type { ConsolidatedRequest, ConsolidatedStanding } from '../contracts/consolidation.js';
import type { Tx } from './database.js';
import { JOURNAL_COLUMNS, type StoredCall, toFinishedCall } from './run-records.js';

const FORGOTTEN_AT_ONCE = 100;

interface Place {
  runId: string;
  callKey: string;
}
interface Own extends Place {
  waitedMs: number;
}

/**
 * Where a call stands among the equal ones of its organisation: the first one is sent, those that come within its window
 * wait for what comes of it, under way or over. Where that one was given up or is gone with its run, the next that asks is
 * sent in its place. A call that asks again finds its place.
 */
export async function joinConsolidated(
  tx: Tx,
  orgId: string,
  { runId, callKey, fingerprint, windowMs }: ConsolidatedRequest,
): Promise<ConsolidatedStanding> {
  await tx('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${orgId} ${fingerprint}`]);
  const own = await placeOf(tx, { runId, callKey });
  const lead = own ?? (await openLead(tx, fingerprint));
  if (lead && isSame(lead, { runId, callKey })) return { leads: true };
  const standing = lead && (await outcomeOf(tx, lead, own?.waitedMs ?? 0));
  if (lead && !standing)
    await tx('UPDATE consolidated_call SET open_until = NULL WHERE run_id = $1 AND call_key = $2', [
      lead.runId,
      lead.callKey,
    ]);
  const sent = standing && lead ? lead : { runId, callKey };
  await tx(
    `INSERT INTO consolidated_call (run_id, call_key, org_id, fingerprint, lead_run_id, lead_call_key, open_until)
     VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $7 THEN clock_timestamp() + $8 * interval '1 ms' END)
     ON CONFLICT (run_id, call_key) DO UPDATE SET lead_run_id = excluded.lead_run_id,
       lead_call_key = excluded.lead_call_key, open_until = excluded.open_until`,
    [runId, callKey, orgId, fingerprint, sent.runId, sent.callKey, !standing, windowMs],
  );
  if (!standing) await forgetEnded(tx);
  return standing ?? { leads: true };
}

async function placeOf(tx: Tx, { runId, callKey }: Place): Promise<Own | undefined> {
  const [row] = await tx<Own>(
    `SELECT lead_run_id AS "runId", lead_call_key AS "callKey",
       (extract(epoch FROM clock_timestamp() - asked_at) * 1000)::float8 AS "waitedMs"
     FROM consolidated_call WHERE run_id = $1 AND call_key = $2`,
    [runId, callKey],
  );
  return row;
}

async function openLead(tx: Tx, fingerprint: string): Promise<Place | undefined> {
  const [row] = await tx<Place>(
    `SELECT run_id AS "runId", call_key AS "callKey" FROM consolidated_call
     WHERE fingerprint = $1 AND open_until > clock_timestamp() LIMIT 1`,
    [fingerprint],
  );
  return row;
}

/** Undefined when nothing will come of it. */
async function outcomeOf(
  tx: Tx,
  { runId, callKey }: Place,
  waitedMs: number,
): Promise<ConsolidatedStanding | undefined> {
  const [row] = await tx<StoredCall>(
    `SELECT ${JOURNAL_COLUMNS} FROM call_journal j WHERE j.run_id = $1 AND j.call_key = $2`,
    [runId, callKey],
  );
  if (row) return row.status === 'canceled' ? undefined : { leads: false, waitedMs, answer: toFinishedCall(row) };
  const [run] = await tx('SELECT FROM run WHERE id = $1 AND finished_at IS NULL', [runId]);
  return run && { leads: false, waitedMs };
}

const isSame = (one: Place, other: Place) => one.runId === other.runId && one.callKey === other.callKey;

/** Nobody asks for them any more. */
async function forgetEnded(tx: Tx): Promise<void> {
  await tx(
    `DELETE FROM consolidated_call WHERE (run_id, call_key) IN (
       SELECT c.run_id, c.call_key FROM consolidated_call c JOIN run ON run.id = c.run_id
       WHERE c.asked_at < now() - interval '1 day' AND run.finished_at < now() - interval '1 day'
       ORDER BY c.asked_at LIMIT ${FORGOTTEN_AT_ONCE} FOR UPDATE OF c SKIP LOCKED)`,
  );
}
