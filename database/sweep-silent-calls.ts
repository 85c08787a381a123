import type { LaterSilence } from '../contracts/later-answers.js';
import type { RunRef } from '../contracts/values.js';
import type { Database, Tx } from './database.js';
import { isFinished, SILENCE } from './later-answers.repository.js';
import { isTerminal, type RunStatus } from '../contracts/runs.js';
import { requestAnswer } from './steering.repository.js';

const AT_ONCE = 500;

interface Silent extends RunRef {
  key: string;
}

/**
 * Calls whose agents were to answer later and have been silent for too long: that stands in place of their answer, and
 * their workflows are told. May be repeated, and by several at once.
 */
export async function sweepSilentCalls(database: Database): Promise<void> {
  const silent = await database.asDispatch((tx) =>
    tx<Silent>(
      `SELECT org_id AS "orgId", run_id AS "runId", call_key AS key FROM pending_call
       WHERE silent_at <= now() ORDER BY silent_at LIMIT ${AT_ONCE}`,
    ),
  );
  for (const call of silent) await database.inOrg(call.orgId, (tx) => takeSilence(tx, call));
}

async function takeSilence(tx: Tx, { runId, key }: Silent): Promise<void> {
  // One lock order: whoever brings an answer or progress locks the run first.
  const [run] = await tx<{ status: RunStatus }>('SELECT status FROM run WHERE id = $1 FOR UPDATE', [runId]);
  const isOver = !run || isTerminal(run.status) || (await isFinished(tx, runId, key));
  const [call] = await tx<{ idleMs: string }>(
    `UPDATE pending_call SET silent_at = NULL WHERE run_id = $1 AND call_key = $2 AND silent_at <= clock_timestamp()
     RETURNING idle_ms AS "idleMs"`,
    [runId, key],
  );
  if (!call || isOver) return;
  const silence: LaterSilence = { silentMs: Number(call.idleMs) };
  await tx(
    `UPDATE pending_call SET answer = $3, answer_hash = '${SILENCE}', answered_at = clock_timestamp()
     WHERE run_id = $1 AND call_key = $2`,
    [runId, key, JSON.stringify(silence)],
  );
  await requestAnswer(tx, runId, { key });
}
