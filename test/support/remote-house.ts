import { discoverAgent } from '../../activities/discover-agent.js';
import type { DiscoveryTask } from '../../contracts/agent-discovery.js';
import { type RemoteProtocol, remoteSettingsSchema } from '../../contracts/remote-agents.js';
import { callOf, createHouse, finished } from './agent-house.js';

/** A house with an agent whose server says itself what it can do. */
export function remoteHouse(protocol: RemoteProtocol, endpoint: string, given: object = {}) {
  const made = createHouse();
  const settings = remoteSettingsSchema.parse(given);
  const by: DiscoveryTask['by'] = { type: 'api-key', id: 'key-1', requestId: 'request-1' };
  const discover = (at = endpoint) =>
    discoverAgent(made.outside, { orgId: 'org-1', protocol, endpoint: at, settings, by }, AbortSignal.timeout(20_000));
  const register = async () => {
    const { capabilities, names } = await discover();
    made.house.remotes.set('id-server', { name: 'server', settings, names });
    for (const { name: capability, outputSchema } of capabilities)
      made.house.candidates.push({
        agentId: 'id-server',
        agent: 'server',
        version: '1.0.0',
        instanceId: 'instance-server',
        endpoint,
        protocol,
        capability,
        maxConcurrency: 4,
        inFlight: 0,
        load: null,
        latencyMs: null,
        successRate: null,
        costUsd: null,
        breaker: 'closed',
        labels: {},
        ...(outputSchema !== undefined && { outputSchema }),
      });
  };
  const ask = async (capability: string, change: Parameters<typeof callOf>[1] = {}) => {
    const [outcome] = await made.run({ calls: [callOf('a', { target: { capability }, ...change })] });
    return finished(outcome);
  };
  return { ...made, discover, register, ask };
}
