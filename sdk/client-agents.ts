import type { z } from 'zod';
import type { FoundAgents, searchAgentsSchema } from '../contracts/agent-search.js';
import type {
  Agent,
  AgentSummary,
  Heartbeat,
  HeartbeatAnswer,
  registerAgentSchema,
  RegisteredAgent,
} from '../contracts/agents.js';
import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import type { PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

/** Whom a search for agents wants. */
export type SearchAgentsInput = z.input<typeof searchAgentsSchema>;
export type RegisterAgentInput = z.input<typeof registerAgentSchema>;
/** Which agents are wanted; all that is said must hold. `label` is `key=value` or a key alone. */
export interface ListAgents extends PageOptions {
  capability?: string;
  state?: string;
  label?: string;
  version?: string;
}

const agentPath = (id: string) => `/v1/agents/${encodeURIComponent(id)}`;
const instancePath = (id: string, instanceId: string) => `${agentPath(id)}/instances/${encodeURIComponent(instanceId)}`;

/** The registry. Everything fails with BrikkApiError. */
export class AgentsClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** The same name, version and endpoint again renews the same instance. */
  register(agent: RegisterAgentInput, { signal }: { signal?: AbortSignal } = {}): Promise<RegisteredAgent> {
    return this.transport.json('POST', '/v1/agents', { body: agent, signal });
  }

  /** Fails with `instance.not_found` once the lease has expired and was swept: register again. */
  heartbeat(
    id: string,
    instanceId: string,
    heartbeat: Heartbeat = {},
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<HeartbeatAnswer> {
    return this.transport.json('PUT', `${instancePath(id, instanceId)}/heartbeat`, {
      body: heartbeat,
      signal,
      timeoutMs: 10_000,
    });
  }

  /** No new calls for the instance; it ends when idle. */
  async drain(id: string, instanceId: string): Promise<void> {
    await this.transport.json('DELETE', instancePath(id, instanceId), { timeoutMs: 3_000 });
  }

  /** Agents with their instances counted, a page at a time. */
  list(filters: ListAgents = {}): Promise<Page<AgentSummary>> {
    return this.transport.json('GET', '/v1/agents', { query: { ...filters } });
  }

  /** An agent with its capabilities, instances and what their calls taught. Fails `agent.not_found`. */
  get(id: string): Promise<Agent> {
    return this.transport.json('GET', agentPath(id));
  }

  /** The A2A card of one agent: outside clients speak to it through Brikk. Fails `agent.not_found`. */
  card(id: string): Promise<{ [field: string]: Json }> {
    return this.transport.json('GET', `${agentPath(id)}/agent-card.json`);
  }

  /**
   * Live candidates, best first, each with the reason of its rank: of a capability, of tags and labels, or of what they take
   * and give. `accepts` is an input, `inputSchema` what will be sent, `outputSchema` what is wanted back. `unfit` names
   * capabilities that all else holds of, and why their contracts do not fit. Fails `request.invalid` for a schema that is none.
   */
  search(search: SearchAgentsInput): Promise<FoundAgents> {
    return this.transport.json('POST', '/v1/agents/search', { body: search });
  }
}
