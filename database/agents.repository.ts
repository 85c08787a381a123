import { randomBytes } from 'node:crypto';
import { AGENT_PROTOCOL_VERSION } from '../contracts/agent-protocol.js';
import { type InstanceState, type RegisterAgent, type RegisteredAgent, settingsOf } from '../contracts/agents.js';
import { BrikkError } from '../contracts/errors.js';
import { moveInstances, stateOf, tellMoves } from './agent-lifecycle.js';
import { AGENT_CHANNEL } from './agent-probes.js';
import { checkClientCertificate } from './client-certificates.js';
import { replaceCapabilities } from './agent-capabilities.js';
import type { Database, Tx } from './database.js';
import { keepSecret, openKept, signingCell } from './kept-secret.js';
import { isSealed } from './seal.js';
import { isUuid, uuidv7 } from './uuid.js';
import type { Vault } from './vault.js';

export { findCandidates, findCandidatesOf } from './candidates.repository.js';
export { recordBreaker } from './agent-breakers.js';
export { recordCallStats } from './call-stats.repository.js';
export { listAgents, loadAgent, nameOfAgent } from './list-agents.js';

/**
 * Registers one instance of an agent: name and version say which agent, the endpoint says which instance. A repeat
 * renews the lease and replaces the contract; `created`: the agent is new. The signing secret is in every answer:
 * an agent that was restarted, or its second instance, must check signatures, too. Fails `agent.protocol_unsupported`, and
 * `request.invalid` for a client certificate that is none.
 */
export async function registerAgent(
  tx: Tx,
  vault: Vault,
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
  await checkClientCertificate(tx, agent.clientCertificate);
  const { id, created, signingSecret } = await upsertAgent(tx, vault, orgId, agent);
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
  vault: Vault,
  orgId: string,
  agent: RegisterAgent,
): Promise<{ id: string; created: boolean; signingSecret: string }> {
  const newId = uuidv7();
  const made = `whsec_${randomBytes(32).toString('base64')}`;
  const kept = await keepSecret(tx, vault, signingCell(orgId, newId), made);
  const [row] = (await tx(
    `INSERT INTO agent (id, org_id, name, version, description, protocol, role, region, limits, defaults, labels, signing_secret,
       settings, is_sealed, client_certificate)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     ON CONFLICT (org_id, name, version) DO UPDATE SET description = excluded.description, protocol = excluded.protocol,
       role = excluded.role, region = excluded.region, limits = excluded.limits, defaults = excluded.defaults,
       labels = excluded.labels, settings = excluded.settings, client_certificate = excluded.client_certificate,
       names = NULL, refresh_at = NULL, discovery = NULL
     RETURNING id, id = $1 AS created, signing_secret AS "signingSecret"`,
    [
      newId,
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
      kept,
      toJson(settingsOf(agent)),
      isSealed(kept),
      agent.clientCertificate ?? null,
    ],
  )) as [{ id: string; created: boolean; signingSecret: string }];
  const { id, created, signingSecret } = row;
  return { id, created, signingSecret: await openKept(tx, vault, signingCell(orgId, id), signingSecret) };
}

/** Who comes back after its lease had ended is up from now on. */
export const UP_SINCE = `CASE WHEN i.state = 'shutdown' OR i.lease_expires_at <= now() THEN now() ELSE i.up_since END`;

interface LeasedInstance {
  id: string;
  state: InstanceState;
  leaseExpiresAt: Date | null;
}

/** Whom nobody can ask how it is counts as ready at once. */
async function upsertInstance(tx: Tx, orgId: string, agentId: string, agent: RegisterAgent): Promise<LeasedInstance> {
  const { endpoint, maxConcurrency, ttlSeconds, standby, protocol } = agent;
  const state = standby ? 'idle' : protocol === 'http' ? 'initializing' : 'ready';
  const [row] = await tx<LeasedInstance & { was: InstanceState | null }>(
    `WITH b AS MATERIALIZED (SELECT state FROM agent_instance WHERE agent_id = $3 AND endpoint = $4 FOR UPDATE)
     INSERT INTO agent_instance AS i (id, org_id, agent_id, endpoint, max_concurrency, ttl_seconds, standby, state,
       lease_expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + nullif($6, 0) * interval '1 s')
     ON CONFLICT (agent_id, endpoint) DO UPDATE SET draining = false, standby = excluded.standby, probe_at = now(),
       max_concurrency = excluded.max_concurrency, ttl_seconds = excluded.ttl_seconds,
       lease_expires_at = excluded.lease_expires_at, up_since = ${UP_SINCE},
       state = CASE WHEN i.state = 'shutdown' OR excluded.standby THEN excluded.state
         ELSE ${stateOf({ draining: 'false', standby: 'false' })} END
     RETURNING i.id, i.state, i.lease_expires_at AS "leaseExpiresAt", (SELECT state FROM b) AS was`,
    [uuidv7(), orgId, agentId, endpoint, maxConcurrency, ttlSeconds, standby, state],
  );
  if (row!.state === 'initializing') await tx(`SELECT pg_notify('${AGENT_CHANNEL}', '')`);
  const { id, was } = row!;
  const isNew = was === null || was === 'shutdown';
  const move = { id, agentId, state: row!.state, ...(was !== null && { was }) };
  await tellMoves(tx, orgId, [{ ...move, ...(isNew && { because: 'agent.registered' as const }) }]);
  return row!;
}

/** The instance gets no new call from now on; what it is doing it may finish. Fails `instance.not_found`. */
export async function drainInstance(tx: Tx, ref: InstanceRef): Promise<void> {
  await moveInstance(tx, ref, { set: `draining = true, state = ${stateOf({ draining: 'true' })}`, values: [] });
}

/** One instance of an agent, and whose it is. */
export interface InstanceRef {
  orgId: string;
  agentId: string;
  instanceId: string;
}

async function moveInstance(
  tx: Tx,
  { orgId, agentId, instanceId }: InstanceRef,
  { set, values }: { set: string; values: unknown[] },
) {
  const where = 'i.agent_id = $1 AND i.id = $2';
  const [row] =
    isUuid(agentId) && isUuid(instanceId)
      ? await moveInstances(tx, orgId, { set, where, values: [agentId, instanceId, ...values] })
      : [];
  if (!row) throw new BrikkError('instance.not_found', `There is no agent instance ${instanceId}`);
  return [row] as const;
}

/** Instances whose lease has ended are `shutdown` afterwards; answers which. Selection never waits for this sweep. */
export async function sweepLeases(database: Database): Promise<{ id: string; orgId: string; agentId: string }[]> {
  const orgs = await database.asDispatch((tx) =>
    tx<{ orgId: string }>(
      `SELECT DISTINCT org_id AS "orgId" FROM agent_instance WHERE state <> 'shutdown' AND lease_expires_at <= now()`,
    ),
  );
  const swept = await Promise.all(
    orgs.map(({ orgId }) =>
      database.inOrg(orgId, async (tx) => {
        const rows = await moveInstances(tx, orgId, {
          set: `state = 'shutdown'`,
          where: `i.state <> 'shutdown' AND i.lease_expires_at <= now()`,
          values: [],
          because: 'agent.lease_expired',
        });
        return rows.map(({ id, agentId }) => ({ id, orgId, agentId }));
      }),
    ),
  );
  return swept.flat();
}

const toJson = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
export const toLease = (expiresAt: Date | null) => ({ expiresAt: expiresAt?.toISOString() ?? null });
