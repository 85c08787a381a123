import type { Logger } from 'pino';
import { discoverAgent } from '../../activities/discover-agent.js';
import type { RemoteOptions } from '../../activities/remote-agents.js';
import type { Discovered } from '../../contracts/agent-discovery.js';
import { BrikkError } from '../../contracts/errors.js';
import { audit } from '../../database/audit.repository.js';
import type { Database } from '../../database/database.js';
import {
  claimDueAgents,
  findServer,
  keepDiscovered,
  keepDiscoveryError,
  type KnownServer,
} from '../../database/remote-agents.repository.js';
import { inLanes, NO_NEWS, WakefulLoop } from './wakeful-loop.js';

interface AgentId {
  orgId: string;
  id: string;
}

/** What asking again needs of Postgres. */
interface RefreshRecord {
  /** Each is given to one worker. */
  claimDue(limit: number): Promise<AgentId[]>;
  find(agent: AgentId): Promise<KnownServer | undefined>;
  /** Whether the agent can do something else now. */
  keep(agent: AgentId, server: KnownServer, discovered: Discovered): Promise<boolean>;
  keepError(agent: AgentId, server: KnownServer, reason: string): Promise<void>;
}

const AT_ONCE = 8;

/** Asks the servers of agents again what they can do, when it is time. What they said before stands while they are away. */
export class AgentRefresher extends WakefulLoop {
  private readonly stopping = new AbortController();

  constructor(
    private readonly record: RefreshRecord,
    private readonly options: RemoteOptions,
    log: Logger,
  ) {
    super('servers of agents', NO_NEWS, log);
  }

  override stop(): Promise<void> {
    this.stopping.abort();
    return super.stop();
  }

  protected async pass(): Promise<boolean> {
    const due = await this.record.claimDue(AT_ONCE);
    await inLanes(due, AT_ONCE, (agent) => this.refresh(agent));
    return due.length === AT_ONCE;
  }

  private async refresh(agent: AgentId): Promise<void> {
    const server = await this.record.find(agent);
    if (!server) return;
    const { orgId, id } = agent;
    const by = { type: 'system' as const, id: 'worker', requestId: id };
    try {
      const discovered = await discoverAgent(this.options, { orgId, by, ...server }, this.stopping.signal);
      if (await this.record.keep(agent, server, discovered))
        this.log.info(
          { agentId: id, capabilities: discovered.capabilities.length },
          'an agent can do something else now',
        );
    } catch (error) {
      // A claim that nobody ends is made again.
      if (this.stopping.signal.aborted) return;
      if (!(error instanceof BrikkError && error.code.startsWith('agent.'))) throw error;
      await this.record.keepError(agent, server, `${error.code}: ${error.message}`);
    }
  }
}

/** Postgres as the refresher sees it. */
export const refreshRecord = (database: Database): RefreshRecord => ({
  claimDue: (limit) => claimDueAgents(database, limit),
  find: ({ orgId, id }) => database.inOrg(orgId, (tx) => findServer(tx, id)),
  keep: ({ orgId, id: agentId }, { settings }, discovered) =>
    database.inOrg(orgId, async (tx) => {
      const isChanged = await keepDiscovered(tx, { orgId, agentId, settings }, discovered);
      if (isChanged) {
        const actor = { type: 'system' as const, id: 'worker', via: 'discovery' };
        const change = { action: 'agent.capabilities_changed', target: agentId, changedFields: ['capabilities'] };
        await audit(tx, { orgId, actor, outcome: 'ok', requestId: agentId, ...change });
      }
      return isChanged;
    }),
  keepError: ({ orgId, id: agentId }, { settings }, reason) =>
    database.inOrg(orgId, (tx) => keepDiscoveryError(tx, { agentId, settings }, reason)),
});
