import type { RunStatus } from '../contracts/runs.js';
import type { Database } from './database.js';
import type { SteeringRequest } from './steering-request.js';
import { findSteering } from './steering.repository.js';

export interface StaleRun {
  id: string;
  orgId: string;
  status: RunStatus;
}

/**
 * Runs that have not ended and are due for a look at their workflow. Each is given to one sweeper; the next look comes
 * after a quarter of its age, at least 5 s and at most a minute.
 */
export async function findStaleRuns(
  database: Database,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<StaleRun[]> {
  return database.asDispatch((tx) =>
    tx<StaleRun>(
      `UPDATE run SET next_check_at = now() + least(greatest((now() - accepted_at) / 4, interval '5 s'), interval '1 min')
       WHERE id IN (
         SELECT id FROM run WHERE finished_at IS NULL AND next_check_at <= now()
           AND accepted_at <= now() - $1 * interval '1 ms'
         ORDER BY next_check_at LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING id, org_id AS "orgId", status`,
      [olderThanMs, limit],
    ),
  );
}

export interface PendingSteering {
  orgId: string;
  runId: string;
  requests: SteeringRequest[];
}

/** What nobody has delivered for a while, the oldest first. Settle it by `settleSteering` once the workflow knows. */
export async function findPendingSteering(
  database: Database,
  { olderThanMs = 2_000, limit = 100 }: { olderThanMs?: number; limit?: number } = {},
): Promise<PendingSteering[]> {
  const runs = await database.asDispatch((tx) =>
    tx<{ id: string; orgId: string }>(
      `SELECT id, org_id AS "orgId" FROM run WHERE steering_requested_at <= now() - $1 * interval '1 ms'
       ORDER BY steering_requested_at LIMIT $2`,
      [olderThanMs, limit],
    ),
  );
  const pending: PendingSteering[] = [];
  for (const { id, orgId } of runs) {
    const requests = await database.inOrg(orgId, (tx) => findSteering(tx, id));
    if (requests.length > 0) pending.push({ orgId, runId: id, requests });
  }
  return pending;
}
