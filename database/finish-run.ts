import type { RunActivities } from '../contracts/run-workflow.js';
import type { NewRunEvent } from '../contracts/events.js';
import type { Database } from './database.js';
import { runNotFound } from './find-run.js';
import { keepValue } from './keep-value.js';
import { rateSettlements } from './settlement-scores.js';
import { USAGE_OF_RUN } from './run-usage.js';
import { writeRunRecords } from './write-run-records.js';

type End = Parameters<RunActivities['finishRun']>[0];

/**
 * Ends a run in one transaction: its last events, `run.finished`, result and usage; approvals that nobody decided are
 * withdrawn. A run that has ended already stays
 * as it is. Fails `run.not_found`, and `payload.not_found` when the output refers to nothing.
 */
export async function finishRun(database: Database, end: End): Promise<void> {
  const { orgId, runId, status, terminationReason, error } = end;
  const output = await keepValue(database, end, end.output);
  const finished: NewRunEvent = {
    key: 'run/finished',
    type: 'run.finished',
    data: { status, terminationReason, ...(error ? { error } : {}) },
  };
  const records = [...end.events, finished].map((event) => ({ runId, event }));
  const [{ outcomes }] = await database.inOrgAtOnce(orgId, (tx) =>
    Promise.all([
      writeRunRecords(tx, orgId, records),
      tx(
        // In the same statement: a run without approvals ends as fast as before.
        `WITH withdrawn AS (UPDATE approval SET status = 'withdrawn', closed_at = clock_timestamp()
           WHERE run_id = $1 AND status = 'pending')
         UPDATE run SET output = $2, output_ref = $3, termination_reason = $4, error = $5, degraded = $6, rounds = $7,
           warnings = $8, usage = (${USAGE_OF_RUN}), finished_at = clock_timestamp(), steering = NULL,
           steering_requested_at = NULL, delete_at = clock_timestamp() + retention_ms * interval '1 ms'
         WHERE id = $1 AND finished_at IS NULL`,
        [
          runId,
          'json' in output ? output.json : null,
          'ref' in output ? output.ref : null,
          terminationReason,
          error ? JSON.stringify(error) : null,
          end.degraded,
          end.rounds,
          end.warnings,
        ],
      ),
    ]),
  );
  if (outcomes.at(-1) === 'missing') throw runNotFound(runId);
  await rateSettlements(database, end);
}
