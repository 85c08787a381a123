import type { Candidate } from '../contracts/candidates.js';
import type { CallTarget } from '../contracts/run-workflow.js';
import type { Tx } from './database.js';
import { isUuid } from './uuid.js';

/** A breaker as it stands now: an open one whose time has passed lets a trial call through. */
export const BREAKER_NOW = `CASE WHEN i.breaker <> 'closed' AND i.breaker_until <= now() THEN 'half-open'
  WHEN i.breaker <> 'closed' THEN 'open' ELSE 'closed' END`;

/** What all instances of an agent have in common. */
type AgentPart = Pick<
  Candidate,
  'agentId' | 'agent' | 'version' | 'capability' | 'costUsd' | 'labels' | 'signingSecret'
> & {
  [Name in 'adaptive' | 'protocol' | 'inputSchema' | 'outputSchema' | 'region' | 'defaults' | 'reputation']:
    Candidate[Name] | null;
};
type InstancePart = Omit<Candidate, Exclude<keyof AgentPart, 'agentId'> | 'degraded'>;

const WANTED = `($1::text IS NULL OR c.name = $1) AND ($1::text IS NOT NULL OR c.ordinal = 1)
  AND ($2::uuid IS NULL OR a.id = $2) AND ($3::text IS NULL OR a.name = $3) AND a.labels @> $4::jsonb`;

/**
 * The instances that can take a call now, in order of id: lease alive by the database's clock, neither draining nor
 * standing by. Labels are
 * compared here; a version range is the caller's to apply (selection's `matches`). A target that names only an agent gets
 * the agent's first capability.
 */
export async function findCandidates(tx: Tx, target: CallTarget): Promise<Candidate[]> {
  const { capability, agent, labels } = target;
  const agentId = agent !== undefined && isUuid(agent) ? agent : null;
  const wanted = [capability ?? null, agentId, agentId === null ? (agent ?? null) : null, JSON.stringify(labels ?? {})];
  // Apart, so that the contract of an agent with a thousand instances is read once.
  const [agents, instances, degraded] = await Promise.all([
    tx<AgentPart>(
      `SELECT a.id AS "agentId", a.name AS agent, a.version, c.name AS capability, a.labels, a.region, a.defaults,
         (c.contract #>> '{cost,usd}')::float8 AS "costUsd", c.contract -> 'inputSchema' AS "inputSchema",
         c.contract -> 'outputSchema' AS "outputSchema", a.signing_secret AS "signingSecret",
         nullif(a.protocol, 'http') AS protocol, nullif(a.limits ->> 'adaptive' = 'true', false) AS adaptive, r.reputation
       FROM agent a JOIN agent_capability c ON c.agent_id = a.id
       LEFT JOIN agent_reputation r ON r.agent_id = a.id AND r.capability = c.name WHERE ${WANTED}`,
      wanted,
    ),
    tx<InstancePart>(
      `SELECT a.id AS "agentId", i.id AS "instanceId", i.endpoint, i.max_concurrency AS "maxConcurrency",
         i.in_flight AS "inFlight", i.load, s.latency_ms AS "latencyMs", s.success_rate AS "successRate",
         ${BREAKER_NOW} AS breaker
       FROM agent a
       JOIN agent_capability c ON c.agent_id = a.id
       JOIN agent_instance i ON i.agent_id = a.id
       LEFT JOIN capability_stat s ON s.instance_id = i.id AND s.capability = c.name
       WHERE ${WANTED} AND NOT i.draining AND i.state NOT IN ('shutdown', 'idle')
         AND (i.lease_expires_at IS NULL OR i.lease_expires_at > now())
       ORDER BY i.id`,
      wanted,
    ),
    tx<{ id: string }>(
      `SELECT m.instance_id AS id FROM agent_pool p JOIN agent_pool_member m ON m.pool_id = p.id
       WHERE p.state = 'degraded' AND p.host_until > now() AND m.instance_id IS NOT NULL`,
    ),
  ]);
  const ofDegraded = new Set(degraded.map(({ id }) => id));
  const known = new Map(agents.map((row) => [row.agentId, toAgent(row)]));
  return instances.flatMap((instance) => {
    const of = known.get(instance.agentId);
    if (!of) return [];
    return [ofDegraded.has(instance.instanceId) ? { ...join(instance, of), degraded: true } : join(instance, of)];
  });
}

/** Field by field: V8 adds properties to a copy one by one, which for a thousand instances costs more than reading them. */
function join(instance: InstancePart, of: Omit<Candidate, keyof InstancePart>): Candidate {
  const { agentId, instanceId, endpoint, maxConcurrency, inFlight, load, latencyMs, successRate, breaker } = instance;
  return { agentId, instanceId, endpoint, maxConcurrency, inFlight, load, latencyMs, successRate, breaker, ...of };
}

function toAgent({
  adaptive,
  protocol,
  inputSchema,
  outputSchema,
  region,
  defaults,
  reputation,
  ...row
}: AgentPart): Omit<Candidate, keyof InstancePart> {
  return {
    ...row,
    ...(adaptive === null ? {} : { adaptive }),
    ...(protocol === null ? {} : { protocol }),
    ...(inputSchema === null ? {} : { inputSchema }),
    ...(outputSchema === null ? {} : { outputSchema }),
    ...(region === null ? {} : { region }),
    ...(defaults === null ? {} : { defaults }),
    ...(reputation === null ? {} : { reputation }),
  };
}
