import { randomBytes } from 'node:crypto';
import {
  AGENT_PROTOCOL_VERSION,
  type Heartbeat,
  type HeartbeatAnswer,
  type InstanceState,
  type RegisterAgent,
  type RegisteredAgent,
} from '../contracts/agents.js';
import { BrikkError } from '../contracts/errors.js';
import type { Database, Tx } from './database.js';
import { isUuid, uuidv7 } from './uuid.js';

export { findCandidates } from './candidates.repository.js';
export { recordBreaker, recordCallStats } from './call-stats.repository.js';
export { listAgents, loadAgent, nameOfAgent } from './list-agents.js';

/**
 * Registers one instance of an agent: name and version say which agent, the endpoint says which instance. A repeat
 * renews the lease and replaces the contract; `created`: the agent is new. The signing secret is in every answer:
 * an agent that was restarted, or its second instance, must check signatures, too. Fails `agent.protocol_unsupported`.
 */
export async function registerAgent(
  tx: Tx,
  orgId: string,
  agent: RegisterAgent,
): Promise<{ registered: RegisteredAgent; created: boolean }> {
  if (!agent.protocolVersions.includes(AGENT_PROTOCOL_VERSION))
    throw new BrikkError(
      'agent.protocol_unsupported',
      `Brikk speaks version ${AGENT_PROTOCOL_VERSION} of the agent protocol`,
      {
        violations: [
          {
            path: 'protocolVersions',
            message: 'names no version that Brikk speaks',
            allowed: [AGENT_PROTOCOL_VERSION],
          },
        ],
      },
    );
  const { id, created, signingSecret } = await upsertAgent(tx, orgId, agent);
  await replaceCapabilities(tx, orgId, id, agent.capabilities);
  const instance = await upsertInstance(tx, orgId, id, agent);
  const registered = {
    id,
    instanceId: instance.id,
    state: instance.state,
    lease: toLease(instance.leaseExpiresAt),
    ...(agent.protocol === 'http' && { signingSecret }),
  };
  return { registered, created };
}

async function upsertAgent(
  tx: Tx,
  orgId: string,
  agent: RegisterAgent,
): Promise<{ id: string; created: boolean; signingSecret: string }> {
  const [row] = await tx<{ id: string; created: boolean; signingSecret: string }>(
    `INSERT INTO agent (id, org_id, name, version, description, protocol, role, region, limits, defaults, labels, signing_secret,
       settings)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     ON CONFLICT (org_id, name, version) DO UPDATE SET description = excluded.description, protocol = excluded.protocol,
       role = excluded.role, region = excluded.region, limits = excluded.limits, defaults = excluded.defaults,
       labels = excluded.labels, settings = excluded.settings
     RETURNING id, id = $1 AS created, signing_secret AS "signingSecret"`,
    [
      uuidv7(),
      orgId,
      agent.name,
      agent.version,
      agent.description ?? null,
      agent.protocol,
      agent.role,
      agent.region ?? null,
      toJson(agent.limits),
      toJson(agent.defaults),
      JSON.stringify(agent.labels),
      `whsec_${randomBytes(32).toString('base64')}`,
      toJson(agent.llm),
    ],
  );
  return row!;
}

async function replaceCapabilities(
  tx: Tx,
  orgId: string,
  agentId: string,
  capabilities: RegisterAgent['capabilities'],
): Promise<void> {
  const names = capabilities.map(({ name }) => name);
  await tx('DELETE FROM agent_capability WHERE agent_id = $1 AND name <> ALL($2::text[])', [agentId, names]);
  await tx(
    `INSERT INTO agent_capability (org_id, agent_id, name, ordinal, contract)
     SELECT $1, $2, name, ordinal, contract::json
     FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS c (name, contract, ordinal)
     ON CONFLICT (agent_id, name) DO UPDATE SET ordinal = excluded.ordinal, contract = excluded.contract`,
    [orgId, agentId, names, capabilities.map((capability) => JSON.stringify(capability))],
  );
}

interface LeasedInstance {
  id: string;
  state: InstanceState;
  leaseExpiresAt: Date | null;
}

async function upsertInstance(tx: Tx, orgId: string, agentId: string, agent: RegisterAgent): Promise<LeasedInstance> {
  const [row] = await tx<LeasedInstance>(
    `INSERT INTO agent_instance (id, org_id, agent_id, endpoint, state, max_concurrency, ttl_seconds, lease_expires_at)
     VALUES ($1, $2, $3, $4, 'ready', $5, $6, now() + nullif($6, 0) * interval '1 s')
     ON CONFLICT (agent_id, endpoint) DO UPDATE SET state = 'ready', draining = false,
       max_concurrency = excluded.max_concurrency, ttl_seconds = excluded.ttl_seconds,
       lease_expires_at = excluded.lease_expires_at
     RETURNING id, state, lease_expires_at AS "leaseExpiresAt"`,
    [uuidv7(), orgId, agentId, agent.endpoint, agent.maxConcurrency, agent.ttlSeconds],
  );
  return row!;
}

/** Renews the lease by the database's clock; an instance whose lease had ended is back. Fails `instance.not_found`. */
export async function heartbeat(
  tx: Tx,
  agentId: string,
  instanceId: string,
  { load, inFlight, draining, health }: Heartbeat,
): Promise<HeartbeatAnswer> {
  const [row] =
    isUuid(agentId) && isUuid(instanceId)
      ? await tx<LeasedInstance>(
          `UPDATE agent_instance SET lease_expires_at = now() + nullif(ttl_seconds, 0) * interval '1 s',
           load = coalesce($3, load), in_flight = coalesce($4, in_flight), draining = coalesce($5, draining),
           health = coalesce($6, health), state = CASE WHEN coalesce($4, in_flight) > 0 THEN 'working' ELSE 'ready' END
         WHERE agent_id = $1 AND id = $2 RETURNING lease_expires_at AS "leaseExpiresAt"`,
          [agentId, instanceId, load ?? null, inFlight ?? null, draining ?? null, toJson(health)],
        )
      : [];
  if (!row) throw instanceNotFound(instanceId);
  return { lease: toLease(row.leaseExpiresAt) };
}

/** The instance gets no new call from now on; what it is doing it may finish. Fails `instance.not_found`. */
export async function drainInstance(tx: Tx, agentId: string, instanceId: string): Promise<void> {
  const rows =
    isUuid(agentId) && isUuid(instanceId)
      ? await tx('UPDATE agent_instance SET draining = true WHERE agent_id = $1 AND id = $2 RETURNING id', [
          agentId,
          instanceId,
        ])
      : [];
  if (rows.length === 0) throw instanceNotFound(instanceId);
}

/** Instances whose lease has ended are `shutdown` afterwards; answers which. Selection never waits for this sweep. */
export async function sweepLeases(database: Database): Promise<{ id: string; orgId: string; agentId: string }[]> {
  return database.asDispatch((tx) =>
    tx(
      `UPDATE agent_instance SET state = 'shutdown' WHERE state <> 'shutdown' AND lease_expires_at <= now()
       RETURNING id, org_id AS "orgId", agent_id AS "agentId"`,
    ),
  );
}

const toJson = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
const toLease = (expiresAt: Date | null) => ({ expiresAt: expiresAt?.toISOString() ?? null });
const instanceNotFound = (id: string) => new BrikkError('instance.not_found', `There is no agent instance ${id}`);
