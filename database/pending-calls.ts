import type { NewRunEvent } from '../contracts/events.js';
import type { CallProgress, LaterAnswer, WaitingCall } from '../contracts/later-answers.js';
import type { RunRef } from '../contracts/values.js';
import type { Database, Tx } from './database.js';
import { writeRunRecords } from './write-run-records.js';

const FORGOTTEN_AT_ONCE = 100;

interface Row {
  key: string;
  progress: CallProgress;
  answer: LaterAnswer | null;
  answeredAt: Date | null;
}

/**
 * The agent has taken the call: how far it has come, with its event, in one transaction. Gives the answer when that was
 * faster. A repeat changes nothing.
 */
export async function openPendingCall(
  database: Database,
  { orgId, runId }: RunRef,
  { key, progress, event }: { key: string; progress: CallProgress; event: NewRunEvent },
): Promise<WaitingCall> {
  return database.inOrg(orgId, async (tx) => {
    // Locks the run, as whoever brings an answer does: one of them is first.
    await writeRunRecords(tx, orgId, [{ runId, event }]);
    const { attempt, candidate, sentAt, idleMs = null } = progress;
    await tx(
      `INSERT INTO pending_call AS p (run_id, call_key, org_id, attempt, instance_id, sent_at, progress, idle_ms, silent_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp() + $8::bigint * interval '1 ms')
       ON CONFLICT (run_id, call_key) DO UPDATE SET attempt = $4, instance_id = $5, sent_at = $6, progress = $7,
         answer = CASE WHEN ${SAME} THEN p.answer END, answer_hash = CASE WHEN ${SAME} THEN p.answer_hash END,
         answered_at = CASE WHEN ${SAME} THEN p.answered_at END, idle_ms = $8, told = 0, told_at = NULL, untold = NULL,
         silent_at = CASE WHEN ${SAME} AND p.answered_at IS NOT NULL THEN NULL ELSE EXCLUDED.silent_at END`,
      [runId, key, orgId, attempt, candidate.instanceId, new Date(sentAt), JSON.stringify(progress), idleMs],
    );
    await forgetEnded(tx);
    const waiting = await readWaiting(tx, runId, [key]);
    return waiting.get(key) ?? { key, progress };
  });
}

/** It was not looked at yet: the answer came before this was noted, or this is noted again. */
const SAME = 'p.attempt = $4 AND p.instance_id = $5::uuid AND (p.progress IS NULL OR p.sent_at = $6)';

/** The calls among `keys` that are or were to be answered later. */
export async function findPendingCalls(
  database: Database,
  { orgId, runId }: RunRef,
  keys: string[],
): Promise<Map<string, WaitingCall>> {
  return database.inOrg(orgId, (tx) => readWaiting(tx, runId, keys));
}

async function readWaiting(tx: Tx, runId: string, keys: string[]): Promise<Map<string, WaitingCall>> {
  const rows = await tx<Row>(
    `SELECT call_key AS key, progress, answer, answered_at AS "answeredAt" FROM pending_call
     WHERE run_id = $1 AND call_key = ANY($2::text[]) AND progress IS NOT NULL`,
    [runId, keys],
  );
  return new Map(
    rows.map(({ key, progress, answer, answeredAt }) => [
      key,
      { key, progress, ...(answer !== null && { answer: { body: answer, at: answeredAt?.getTime() ?? 0 } }) },
    ]),
  );
}

/** Of runs that ended a day ago: until then a repeated answer is known. */
async function forgetEnded(tx: Tx): Promise<void> {
  await tx(
    `DELETE FROM pending_call WHERE (run_id, call_key) IN (
       SELECT p.run_id, p.call_key FROM pending_call p JOIN run ON run.id = p.run_id
       WHERE p.opened_at < now() - interval '1 day' AND run.finished_at < now() - interval '1 day'
       ORDER BY p.opened_at LIMIT ${FORGOTTEN_AT_ONCE} FOR UPDATE OF p SKIP LOCKED)`,
  );
}
