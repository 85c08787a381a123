import { proxyActivities } from '@temporalio/workflow';
import type { Discovered, DiscoveryActivities, DiscoveryTask } from '../../contracts/agent-discovery.js';

/** Asks a server once what it can do: whoever registers it waits. */
export function discoverAgent(task: DiscoveryTask): Promise<Discovered> {
  const activities = proxyActivities<DiscoveryActivities>({
    startToCloseTimeout: 20_000,
    scheduleToCloseTimeout: 25_000,
    retry: { maximumAttempts: 1 },
  });
  return activities.discoverAgent(task);
}
