import { proxyActivities } from '@temporalio/workflow';
import type { ConnectionActivities, ConnectionTask } from '../../contracts/connection-tasks.js';
import type { ConnectionTest } from '../../contracts/connections.js';

/** One test call, made once: whoever asked for it waits. */
export function testConnection(task: ConnectionTask): Promise<ConnectionTest> {
  const activities = proxyActivities<ConnectionActivities>({
    startToCloseTimeout: 20_000,
    scheduleToCloseTimeout: 25_000,
    retry: { maximumAttempts: 1 },
  });
  return activities.testConnection(task);
}
