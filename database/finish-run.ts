import { CLAIM_CHECK_BYTES, type RunActivities, type Value } from '../contracts/run-workflow.js';
import { isTerminal, type RunStatus } from '../contracts/runs.js';
import type { NewRunEvent } from '../contracts/events.js';
import type { Database, Tx } from './database.js';
import { sumUsage } from './load-run.js';
import { materialise, storePayload } from './payloads.repository.js';
import { runNotFound } from './find-run.js';
import { writeRunRecords } from './write-run-records.js';

/**
 * Ends a run in one transaction: its last events, `run.finished`, result and usage. A run that has ended already stays
 * as it is. Fails `run.not_found`, and `payload.not_found` when the output refers to nothing.
 */
export async function finishRun(database: Database, end: Parameters<RunActivities['finishRun']>[0]): Promise<void> {
  const { orgId, runId } = end;
  await database.inOrg(orgId, async (tx) => {
    const [[run], usage] = await Promise.all([
      tx<{ status: RunStatus }>('SELECT status FROM run WHERE id = $1 FOR UPDATE', [runId]),
      sumUsage(tx, runId),
    ]);
    if (!run) throw runNotFound(runId);
    if (isTerminal(run.status)) return;
    const { json, ref } = await storeOutput(tx, runId, end.output);
    const { status, terminationReason, error } = end;
    const finished: NewRunEvent = {
      key: 'run/finished',
      type: 'run.finished',
      data: { status, terminationReason, ...(error ? { error } : {}) },
    };
    await Promise.all([
      writeRunRecords(
        tx,
        orgId,
        [...end.events, finished].map((event) => ({ runId, event })),
      ),
      tx(
        `UPDATE run SET output = $2, output_ref = $3, termination_reason = $4, error = $5, degraded = $6, rounds = $7,
           warnings = $8, usage = $9, finished_at = clock_timestamp(), steering = NULL, steering_requested_at = NULL
         WHERE id = $1`,
        [
          runId,
          json,
          ref,
          terminationReason,
          error ? JSON.stringify(error) : null,
          end.degraded,
          end.rounds,
          end.warnings,
          JSON.stringify(usage),
        ],
      ),
    ]);
  });
}

/** In the row when small, otherwise by reference; a stored value stays where it is. */
async function storeOutput(tx: Tx, runId: string, output: Value): Promise<{ json: string | null; ref: string | null }> {
  if ('ref' in output && output.index === undefined && output.bytes > CLAIM_CHECK_BYTES)
    return { json: null, ref: output.ref };
  const value = await materialise(tx, output);
  const json = JSON.stringify(value);
  if (Buffer.byteLength(json) <= CLAIM_CHECK_BYTES) return { json, ref: null };
  const { ref } = await storePayload(tx, runId, value);
  return { json: null, ref };
}
