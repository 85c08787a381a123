import type { Candidate } from '../contracts/candidates.js';
import type { CallTarget } from '../contracts/run-workflow.js';
import { breakerNow } from './agent-breakers.js';
import type { Tx } from './database.js';
import { isUuid } from './uuid.js';
import { TAKES_CALLS } from './takes-calls.js';

/** What all instances of an agent have in common. */
type AgentPart = Pick<
  Candidate,
  'agentId' | 'agent' | 'version' | 'capability' | 'costUsd' | 'labels' | 'signingSecret'
> & {
  [
    Name in
      | 'adaptive'
      | 'clientCertificate'
      | 'protocol'
      | 'inputSchema'
      | 'outputSchema'
      | 'region'
      | 'defaults'
      | 'reputation'
  ]: Candidate[Name] | null;
} & { hasOthers: boolean };
/** What is read with each instance; the breaker of its capability counts where its agent has others. */
type InstancePart = Omit<
  Candidate,
  Exclude<keyof AgentPart, 'agentId' | 'capability'> | 'degraded' | 'capabilityBreaker'
> & {
  ofCapability: Candidate['breaker'] | null;
};
type Shared = Omit<Candidate, keyof InstancePart | 'capabilityBreaker'>;
interface Known {
  /** Capabilities beside the one that is wanted. */
  hasOthers: boolean;
  shared: Shared;
}

const WANTED = `($1::text[] IS NULL OR c.name = ANY ($1)) AND ($1::text[] IS NOT NULL OR c.ordinal = 1)
  AND ($2::uuid IS NULL OR a.id = $2) AND ($3::text IS NULL OR a.name = $3) AND a.labels @> $4::jsonb`;

/**
 * The instances that can take a call now, in order of id: lease alive by the database's clock, neither draining nor
 * standing by. Labels are
 * compared here; a version range is the caller's to apply (selection's `matches`). A target that names only an agent gets
 * the agent's first capability.
 */
export async function findCandidates(tx: Tx, { capability, ...target }: CallTarget): Promise<Candidate[]> {
  return findCandidatesOf(tx, capability === undefined ? null : [capability], target);
}

/** The same for each of several capabilities: an instance that has two of them is two candidates. */
export async function findCandidatesOf(
  tx: Tx,
  capabilities: string[] | null,
  { agent, labels }: Omit<CallTarget, 'capability'>,
): Promise<Candidate[]> {
  const agentId = agent !== undefined && isUuid(agent) ? agent : null;
  const wanted = [capabilities, agentId, agentId === null ? (agent ?? null) : null, JSON.stringify(labels ?? {})];
  // Apart, so that the contract of an agent with a thousand instances is read once.
  const [agents, instances, degraded] = await Promise.all([
    tx<AgentPart>(
      `SELECT a.id AS "agentId", a.name AS agent, a.version, c.name AS capability, a.labels, a.region, a.defaults,
         (c.contract #>> '{cost,usd}')::float8 AS "costUsd", c.contract -> 'inputSchema' AS "inputSchema",
         c.contract -> 'outputSchema' AS "outputSchema", a.signing_secret AS "signingSecret",
         a.client_certificate AS "clientCertificate",
         nullif(a.protocol, 'http') AS protocol, nullif(a.limits ->> 'adaptive' = 'true', false) AS adaptive, r.reputation,
         EXISTS (SELECT FROM agent_capability o WHERE o.agent_id = a.id AND o.name <> c.name) AS "hasOthers"
       FROM agent a JOIN agent_capability c ON c.agent_id = a.id
       LEFT JOIN agent_reputation r ON r.agent_id = a.id AND r.capability = c.name WHERE ${WANTED}`,
      wanted,
    ),
    tx<InstancePart>(
      `SELECT a.id AS "agentId", c.name AS capability, i.id AS "instanceId", i.endpoint, i.max_concurrency AS "maxConcurrency",
         i.in_flight AS "inFlight", i.load, s.latency_ms AS "latencyMs",
         CASE WHEN s.calls > 0 THEN s.success_rate END AS "successRate", ${breakerNow('i')} AS breaker,
         CASE WHEN s.breaker IS NOT NULL THEN ${breakerNow('s')} END AS "ofCapability"
       FROM agent a
       JOIN agent_capability c ON c.agent_id = a.id
       JOIN agent_instance i ON i.agent_id = a.id
       LEFT JOIN capability_stat s ON s.instance_id = i.id AND s.capability = c.name
       WHERE ${WANTED} AND ${TAKES_CALLS}
       ORDER BY i.id`,
      wanted,
    ),
    tx<{ id: string }>(
      `SELECT m.instance_id AS id FROM agent_pool p JOIN agent_pool_member m ON m.pool_id = p.id
       WHERE p.state = 'degraded' AND p.host_until > now() AND m.instance_id IS NOT NULL`,
    ),
  ]);
  const ofDegraded = new Set(degraded.map(({ id }) => id));
  const known = new Map(agents.map(({ hasOthers, ...row }) => [offerOf(row), { hasOthers, shared: toShared(row) }]));
  return instances.flatMap((instance) => {
    const of = known.get(offerOf(instance));
    if (!of) return [];
    return [ofDegraded.has(instance.instanceId) ? { ...join(instance, of), degraded: true } : join(instance, of)];
  });
}

const offerOf = ({ agentId, capability }: Pick<Candidate, 'agentId' | 'capability'>) => `${agentId} ${capability}`;

/** In one literal, with one copy: a second one makes V8 add properties one by one, ten times the price of reading them. */
function join(instance: InstancePart, { hasOthers, shared }: Known): Candidate {
  const { agentId, capability, instanceId, endpoint, maxConcurrency, inFlight, load, latencyMs, successRate } =
    instance;
  const capabilityBreaker = hasOthers ? (instance.ofCapability ?? 'closed') : undefined;
  const breaker = capabilityBreaker ? worse(instance.breaker, capabilityBreaker) : instance.breaker;
  const candidate: Candidate = {
    agentId,
    capability,
    instanceId,
    endpoint,
    maxConcurrency,
    inFlight,
    load,
    latencyMs,
    successRate,
    breaker,
    ...shared,
  };
  if (capabilityBreaker) candidate.capabilityBreaker = capabilityBreaker;
  return candidate;
}

function worse(one: Candidate['breaker'], other: Candidate['breaker']): Candidate['breaker'] {
  if (one === 'open' || other === 'open') return 'open';
  return one === 'half-open' ? one : other;
}

function toShared({
  adaptive,
  clientCertificate,
  protocol,
  inputSchema,
  outputSchema,
  region,
  defaults,
  reputation,
  ...row
}: Omit<AgentPart, 'hasOthers'>): Shared {
  return {
    ...row,
    ...(adaptive === null ? {} : { adaptive }),
    ...(clientCertificate === null ? {} : { clientCertificate }),
    ...(protocol === null ? {} : { protocol }),
    ...(inputSchema === null ? {} : { inputSchema }),
    ...(outputSchema === null ? {} : { outputSchema }),
    ...(region === null ? {} : { region }),
    ...(defaults === null ? {} : { defaults }),
    ...(reputation === null ? {} : { reputation }),
  };
}
