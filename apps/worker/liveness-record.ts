import type { Client } from '@temporalio/client';
import { isGrpcServiceError } from '@temporalio/client';
import type { Database } from '../../database/database.js';
import { WorkerLease } from '../../database/worker-lease.js';
import type { LivenessRecord } from './worker-liveness.js';

const ENGINE_DEADLINE_MS = 5_000;
/** Of gRPC. */
const NOT_FOUND = 5;

/** Postgres and the engine as the liveness of workers sees them. */
export const livenessRecord = (database: Database, client: Client, workerId: string): LivenessRecord => ({
  take: () => WorkerLease.take(database, workerId),
  giveBack: async ({ workflowId, executionId, activityId }, deadWorkerId) => {
    const { connection, options } = client;
    const failed = {
      namespace: options.namespace,
      workflowId,
      runId: executionId,
      activityId,
      identity: workerId,
      failure: { message: `worker ${deadWorkerId} has died`, applicationFailureInfo: { type: 'worker.lost' } },
    };
    await client
      .withDeadline(Date.now() + ENGINE_DEADLINE_MS, () =>
        connection.workflowService.respondActivityTaskFailedById(failed),
      )
      .catch((error: unknown) => {
        if (!isGrpcServiceError(error) || error.code !== NOT_FOUND) throw error;
      });
  },
});
