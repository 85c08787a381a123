import type { AgentTemplate, PoolSettings, PoolState } from '../contracts/pools.js';
import { moveInstances, stateOf } from './agent-lifecycle.js';
import { readAgentTemplate } from './agent-templates.repository.js';
import { createApiKey, revokeApiKey } from './api-keys.repository.js';
import { audit } from './audit.repository.js';
import type { Database, Tx } from './database.js';
import type { AgentPoolMemberRow, MeasuredPool } from './entities/agent-pool.entity.js';

/** A host that does not renew for so long has lost its pools. */
const HOST_LEASE_S = 5;
const NEW_AT_ONCE = 5;

export interface ClaimedPool {
  id: string;
  orgId: string;
  /** Somebody else had it, or nobody. */
  isNew: boolean;
}

/** Renews the host's pools, and takes some that nobody has: each pool belongs to one host by the clock of Postgres. */
export async function claimPools(database: Database, host: string): Promise<ClaimedPool[]> {
  const until = `now() + ${HOST_LEASE_S} * interval '1 s'`;
  return database.asDispatch(async (tx) => {
    const own = await tx<{ id: string; orgId: string }>(
      `UPDATE agent_pool SET host_until = ${until} WHERE host = $1 RETURNING id, org_id AS "orgId"`,
      [host],
    );
    const taken = await tx<{ id: string; orgId: string }>(
      `UPDATE agent_pool SET host = $1, host_until = ${until} WHERE id IN (
         SELECT id FROM agent_pool WHERE coalesce(host_until, '-infinity') <= now()
         ORDER BY coalesce(host_until, '-infinity') LIMIT ${NEW_AT_ONCE}
         FOR UPDATE SKIP LOCKED)
       RETURNING id, org_id AS "orgId"`,
      [host],
    );
    return [...own.map((pool) => ({ ...pool, isNew: false })), ...taken.map((pool) => ({ ...pool, isNew: true }))];
  });
}

/** Another host may have them at once. */
export async function releasePools(database: Database, host: string): Promise<void> {
  await database.asDispatch((tx) => tx('UPDATE agent_pool SET host = NULL, host_until = NULL WHERE host = $1', [host]));
}

export interface HostedPool {
  name: string;
  size: number;
  state: PoolState;
  settings: PoolSettings;
  template: AgentTemplate;
  /** When the size was last changed by hand; milliseconds since the epoch. */
  scaledAt: number;
}

/** What its host has to know of it; undefined when somebody else has it by now. */
export async function loadHosted(tx: Tx, poolId: string, host: string): Promise<HostedPool | undefined> {
  const [row] = await tx<Omit<HostedPool, 'template' | 'scaledAt'> & { template: string; scaledAt: string | null }>(
    `SELECT name, size, state, settings, template,
       CASE WHEN last_scale->>'reason' = 'by_hand' THEN last_scale->>'at' END AS "scaledAt"
     FROM agent_pool WHERE id = $1 AND host = $2`,
    [poolId, host],
  );
  if (!row) return undefined;
  const { scaledAt, template, ...pool } = row;
  return {
    ...pool,
    template: await readAgentTemplate(tx, template),
    scaledAt: scaledAt === null ? 0 : Date.parse(scaledAt),
  };
}

/**
 * What the host before has left: its processes get no more calls, should they live on, and their key no longer works. Gives
 * the key of the new processes, which may touch the agent of the template alone.
 */
export async function takeOverPool(tx: Tx, orgId: string, poolId: string, agent: string): Promise<string> {
  const left = await tx<{ instanceId: string | null }>(
    'DELETE FROM agent_pool_member WHERE pool_id = $1 RETURNING instance_id AS "instanceId"',
    [poolId],
  );
  await endMembers(
    tx,
    orgId,
    left.flatMap(({ instanceId }) => instanceId ?? []),
  );
  const [pool] = await tx<{ keyId: string | null }>('SELECT key_id AS "keyId" FROM agent_pool WHERE id = $1', [poolId]);
  if (pool?.keyId) await revokeApiKey(tx, pool.keyId);
  const { row, key } = await createApiKey(tx, {
    orgId,
    name: agent,
    role: 'developer',
    scopes: ['agent:self'],
    env: 'pool',
  });
  const actor = { type: 'system', id: 'worker', via: 'pool' } as const;
  await audit(tx, { orgId, actor, action: 'api_key.created', target: row.id, outcome: 'ok', requestId: poolId });
  await tx('UPDATE agent_pool SET key_id = $2 WHERE id = $1', [poolId, row.id]);
  return key;
}

/** Of members that are registered. */
export interface MemberFacts {
  id: string;
  slots: number;
  /** Its lease has ended: nobody has heard from it for so long. */
  isExpired: boolean;
  /** It gets no calls, whoever has decided that. */
  isDraining: boolean;
  isStandby: boolean;
}

export interface PoolFacts {
  instances: MemberFacts[];
  /** Calls that wait for the agent, or for a capability of it. */
  queued: number;
  /** Of these instances, since they were registered. */
  calls: number;
  latencyMs: number | null;
}

/** What the registry knows of a pool's members, and of the calls that wait for them. */
export async function readPoolFacts(tx: Tx, agent: string, instanceIds: string[]): Promise<PoolFacts> {
  const [instances, [backlog], [record]] = await Promise.all([
    tx<MemberFacts>(
      `SELECT id, max_concurrency AS slots, coalesce(lease_expires_at <= now(), false) AS "isExpired",
         draining AS "isDraining", standby AS "isStandby" FROM agent_instance WHERE id = ANY($1::uuid[])`,
      [instanceIds],
    ),
    tx<{ queued: number }>(
      `SELECT coalesce(sum(waiting), 0)::int AS queued FROM call_backlog
       WHERE at > now() - interval '3 s' AND (agent = $1 OR agent = '' AND capability IN (
         SELECT c.name FROM agent a JOIN agent_capability c ON c.agent_id = a.id WHERE a.name = $1))`,
      [agent],
    ),
    tx<{ calls: number; latencyMs: number | null }>(
      `SELECT coalesce(sum(calls), 0)::float8 AS calls,
         (sum(latency_ms * succeeded) / nullif(sum(succeeded) FILTER (WHERE latency_ms IS NOT NULL), 0))::float8 AS "latencyMs"
       FROM capability_stat WHERE instance_id = ANY($1::uuid[])`,
      [instanceIds],
    ),
  ]);
  return { instances, queued: backlog?.queued ?? 0, calls: record?.calls ?? 0, latencyMs: record?.latencyMs ?? null };
}

export type KeptMember = Omit<AgentPoolMemberRow, 'orgId' | 'poolId' | 'startedAt'> & { startedAt: string };

/** How the pool is, and which processes it has. */
export async function keepPool(
  tx: Tx,
  orgId: string,
  poolId: string,
  {
    state,
    reason,
    measured,
    members,
  }: { state: PoolState; reason: string | null; measured: MeasuredPool; members: KeptMember[] },
): Promise<void> {
  await tx(
    `UPDATE agent_pool SET state = CASE WHEN state = 'deleting' THEN state ELSE $2 END, reason = $3, measured = $4 WHERE id = $1`,
    [poolId, state, reason, JSON.stringify(measured)],
  );
  await tx('DELETE FROM agent_pool_member WHERE pool_id = $1', [poolId]);
  await tx(
    `INSERT INTO agent_pool_member (id, org_id, pool_id, state, pid, instance_id, endpoint, in_flight, template_version,
       started_at, ready_after_ms)
     SELECT id, $1, $2, state, pid, "instanceId", endpoint, "inFlight", "templateVersion", "startedAt", "readyAfterMs"
     FROM json_to_recordset($3) AS m (id uuid, state text, pid int, "instanceId" uuid, endpoint text, "inFlight" int,
       "templateVersion" int, "startedAt" timestamptz, "readyAfterMs" float8)`,
    [orgId, poolId, JSON.stringify(members)],
  );
}

/** Backups that take calls from now on. */
export const wakeMembers = (tx: Tx, orgId: string, instanceIds: string[]) =>
  change(tx, orgId, instanceIds, `standby = false, state = ${stateOf({ standby: 'false' })}`);

/** No new calls for them. */
export const drainMembers = (tx: Tx, orgId: string, instanceIds: string[]) =>
  change(tx, orgId, instanceIds, `draining = true, state = ${stateOf({ draining: 'true' })}`);

/** Their processes are gone. */
export const endMembers = (tx: Tx, orgId: string, instanceIds: string[]) =>
  change(tx, orgId, instanceIds, `draining = true, in_flight = 0, state = 'shutdown'`);

async function change(tx: Tx, orgId: string, instanceIds: string[], set: string): Promise<void> {
  if (instanceIds.length === 0) return;
  await moveInstances(tx, orgId, { set, where: 'i.id = ANY($1::uuid[])', values: [instanceIds] });
}

/** A deleted pool whose processes have ended. */
export async function removePool(tx: Tx, poolId: string): Promise<void> {
  const [pool] = await tx<{ keyId: string | null }>(
    `DELETE FROM agent_pool WHERE id = $1 AND state = 'deleting' RETURNING key_id AS "keyId"`,
    [poolId],
  );
  if (pool?.keyId) await revokeApiKey(tx, pool.keyId);
}

/** Says so to all hosts; what a worker said long ago is forgotten. */
export async function keepBacklog(
  tx: Tx,
  orgId: string,
  worker: string,
  waiting: { agent: string; capability: string; waiting: number }[],
): Promise<void> {
  await tx(`DELETE FROM call_backlog WHERE worker = $1 OR at < now() - interval '1 min'`, [worker]);
  await tx(
    `INSERT INTO call_backlog (worker, org_id, agent, capability, waiting)
     SELECT $1, $2, agent, capability, waiting FROM json_to_recordset($3) AS w (agent text, capability text, waiting int)`,
    [worker, orgId, JSON.stringify(waiting)],
  );
}
