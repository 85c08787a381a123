import type { Capability } from './agents.js';
import type { RemoteProtocol, RemoteSettings } from './remote-agents.js';

/** What a server has said it can do. */
export interface Discovered {
  description?: string;
  capabilities: Capability[];
  /** As the server calls what is behind each capability. */
  names: Record<string, string>;
}

/** A server that is to be asked what it can do. */
export interface DiscoveryTask {
  orgId: string;
  protocol: RemoteProtocol;
  endpoint: string;
  settings: RemoteSettings;
  /** For the audit of secrets: the key of the API and its request, or the worker by itself. */
  by: { type: 'api-key' | 'system'; id: string; requestId: string };
}

export interface DiscoveryActivities {
  /** Fails `agent.*`. */
  discoverAgent(task: DiscoveryTask): Promise<Discovered>;
}

/** Workflows of the registry; ids are `org_<org id>/discovery/<random>`. */
export interface DiscoveryCatalog {
  agentDiscovery(task: DiscoveryTask): Promise<Discovered>;
}
