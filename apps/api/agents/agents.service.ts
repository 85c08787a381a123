import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Discovered, DiscoveryTask } from '../../../contracts/agent-discovery.js';
import { AGENT_PROTOCOL_VERSION } from '../../../contracts/agent-protocol.js';
import { type Heartbeat, isRemote, type RegisterAgent } from '../../../contracts/agents.js';
import { BrikkError } from '../../../contracts/errors.js';
import { drainInstance, listAgents, loadAgent, registerAgent } from '../../../database/agents.repository.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import { Heartbeats } from '../../../database/heartbeats.js';
import { keepDiscovered } from '../../../database/remote-agents.repository.js';
import { Vault } from '../../../database/vault.js';
import { missingSecrets } from '../../../database/secrets.repository.js';
import { actorOf } from '../common/actor.js';
import { Engine } from '../common/engine.js';
import { knownId } from '../common/ids.js';
import { once } from '../common/idempotency.js';
import { OwnAgent } from '../common/own-agent.js';
import type { Caller } from '../common/request.js';

/** A worker's time to ask a server, and the way there and back. */
const DISCOVERY_WAIT_MS = 25_000;

interface InstanceIds {
  id: string;
  instanceId: string;
}

@Injectable()
export class AgentsService {
  private readonly heartbeats: Heartbeats;

  constructor(
    private readonly database: Database,
    private readonly own: OwnAgent,
    private readonly engine: Engine,
    private readonly vault: Vault,
  ) {
    this.heartbeats = new Heartbeats(database);
  }

  async register(caller: Caller, request: RegisterAgent) {
    await this.own.checkName(caller, request.name);
    checkProtocol(request);
    const discovered = await this.discover(caller, request);
    let signingSecret: string | undefined;
    const { status, body } = await once(
      this.database,
      caller,
      { route: 'POST /v1/agents', body: request, keepFor: 'day' },
      async (tx) => {
        const { orgId } = caller;
        const { registered, created } = await registerAgent(tx, this.vault, orgId, request);
        if (discovered && request.remote)
          await keepDiscovered(tx, { orgId, agentId: registered.id, settings: request.remote }, discovered);
        const { signingSecret: secret, ...rest } = registered;
        signingSecret = secret;
        // Each registration reads the agent's secret.
        const [action, target] = created
          ? ['agent.registered', registered.id]
          : ['agent.instance_registered', registered.instanceId];
        await audit(tx, { ...actorOf(caller), action, target, outcome: 'ok' });
        return { status: created ? 201 : 200, body: rest };
      },
    );
    return { status, body: signingSecret === undefined ? body : { ...body, signingSecret } };
  }

  /** What the server of an agent says it can do; undefined when the agent says so itself. */
  private async discover(
    { orgId, keyId, requestId }: Caller,
    { protocol, endpoint, remote }: RegisterAgent,
  ): Promise<Discovered | undefined> {
    if (!isRemote(protocol) || !remote) return undefined;
    const { secret, headers } = remote;
    const names = [...(secret === undefined ? [] : [secret]), ...Object.values(headers)];
    const missing = await this.database.inOrg(orgId, (tx) => missingSecrets(tx, names));
    if (missing.length > 0)
      throw new BrikkError('request.invalid', `There is no secret ${missing.join(', ')}`, {
        violations: [{ path: 'remote', message: `names secrets that do not exist: ${missing.join(', ')}` }],
      });
    const by = { type: 'api-key' as const, id: keyId, requestId };
    const task: DiscoveryTask = { orgId, protocol, endpoint, settings: remote, by };
    return this.engine.ask('agentDiscovery', `org_${orgId}/discovery/${randomUUID()}`, task, DISCOVERY_WAIT_MS);
  }

  async list({ orgId }: Caller, query: Parameters<typeof listAgents>[1]) {
    return this.database.inOrg(orgId, (tx) => listAgents(tx, query));
  }

  async get({ orgId }: Caller, id: string) {
    knownId(id, 'agent.not_found');
    return this.database.inOrg(orgId, (tx) => loadAgent(tx, id));
  }

  async heartbeat(caller: Caller, ids: InstanceIds, beat: Heartbeat) {
    await this.checkInstance(caller, ids);
    return this.heartbeats.take(refOf(caller, ids), beat);
  }

  async drain(caller: Caller, ids: InstanceIds): Promise<void> {
    await this.checkInstance(caller, ids);
    await this.database.inOrg(caller.orgId, async (tx) => {
      await drainInstance(tx, refOf(caller, ids));
      await audit(tx, { ...actorOf(caller), action: 'agent.drained', target: ids.instanceId, outcome: 'ok' });
    });
  }

  private async checkInstance(caller: Caller, { id, instanceId }: InstanceIds): Promise<void> {
    knownId(id, 'agent.not_found');
    knownId(instanceId, 'instance.not_found');
    await this.own.check(caller, id);
  }
}

const refOf = ({ orgId }: Caller, { id, instanceId }: InstanceIds) => ({ orgId, agentId: id, instanceId });

function checkProtocol({ protocolVersions }: RegisterAgent): void {
  if (protocolVersions.includes(AGENT_PROTOCOL_VERSION)) return;
  const violations = [
    { path: 'protocolVersions', message: 'holds none that we speak', allowed: [AGENT_PROTOCOL_VERSION] },
  ];
  throw new BrikkError('agent.protocol_unsupported', 'Brikk and the agent speak no common version', { violations });
}
