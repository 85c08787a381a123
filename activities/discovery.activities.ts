import { Context } from '@temporalio/activity';
import type { DiscoveryActivities } from '../contracts/agent-discovery.js';
import { discoverAgent } from './discover-agent.js';
import { namingFailures } from './naming-failures.js';
import type { RemoteOptions } from './remote-agents.js';

/** What the API asks of agents' servers. */
export const createDiscoveryActivities = (options: RemoteOptions): DiscoveryActivities =>
  namingFailures<DiscoveryActivities>({
    discoverAgent: (task) => discoverAgent(options, task, Context.current().cancellationSignal),
  });
