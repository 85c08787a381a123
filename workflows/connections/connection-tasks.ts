import { proxyActivities } from '@temporalio/workflow';
import type {
  AuthorizationTask,
  Authorized,
  ConnectionActivities,
  ConnectionTask,
} from '../../contracts/connection-tasks.js';
import type { ConnectionTest } from '../../contracts/connections.js';

/** Each made once: whoever asked for it waits, and can ask again. */
const once = () =>
  proxyActivities<ConnectionActivities>({
    startToCloseTimeout: 20_000,
    scheduleToCloseTimeout: 25_000,
    retry: { maximumAttempts: 1 },
  });

export function testConnection(task: ConnectionTask): Promise<ConnectionTest> {
  return once().testConnection(task);
}

export function authorizeConnection(task: AuthorizationTask): Promise<Authorized> {
  return once().authorizeConnection(task);
}
