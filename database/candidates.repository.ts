import type { Candidate } from '../contracts/candidates.js';
import type { CallTarget } from '../contracts/run-workflow.js';
import type { Tx } from './database.js';
import { isUuid } from './uuid.js';

/** A breaker as it stands now: an open one whose time has passed lets a trial call through. */
export const BREAKER_NOW = `CASE WHEN i.breaker <> 'closed' AND i.breaker_until <= now() THEN 'half-open'
  WHEN i.breaker <> 'closed' THEN 'open' ELSE 'closed' END`;

type CandidateRow = Required<Omit<Candidate, 'registeredAt'>> & { registeredAt: Date };

/**
 * The instances that can take a call now: lease alive by the database's clock, not draining. Labels are compared here;
 * a version range is the caller's to apply (selection's `matches`). A target that names only an agent gets the agent's
 * first capability.
 */
export async function findCandidates(tx: Tx, target: CallTarget): Promise<Candidate[]> {
  const { capability, agent, labels } = target;
  const agentId = agent !== undefined && isUuid(agent) ? agent : null;
  const rows = await tx<CandidateRow>(
    `SELECT a.id AS "agentId", a.name AS agent, a.version, i.id AS "instanceId", i.endpoint, c.name AS capability,
       i.max_concurrency AS "maxConcurrency", i.in_flight AS "inFlight", i.load, s.latency_ms AS "latencyMs",
       s.success_rate AS "successRate", (c.contract #>> '{cost,usd}')::float8 AS "costUsd", ${BREAKER_NOW} AS breaker,
       a.labels, c.contract -> 'inputSchema' AS "inputSchema", c.contract -> 'outputSchema' AS "outputSchema",
       a.signing_secret AS "signingSecret", a.region, a.defaults, i.registered_at AS "registeredAt"
     FROM agent a
     JOIN agent_capability c ON c.agent_id = a.id
     JOIN agent_instance i ON i.agent_id = a.id
     LEFT JOIN capability_stat s ON s.instance_id = i.id AND s.capability = c.name
     WHERE ($1::text IS NULL OR c.name = $1)
       AND ($1::text IS NOT NULL OR c.ordinal = 1)
       AND ($2::uuid IS NULL OR a.id = $2)
       AND ($3::text IS NULL OR a.name = $3)
       AND a.labels @> $4::jsonb
       AND NOT i.draining AND i.state <> 'shutdown'
       AND (i.lease_expires_at IS NULL OR i.lease_expires_at > now())
     ORDER BY i.id`,
    [capability ?? null, agentId, agentId === null ? (agent ?? null) : null, JSON.stringify(labels ?? {})],
  );
  return rows.map(toCandidate);
}

function toCandidate({ inputSchema, outputSchema, region, defaults, registeredAt, ...row }: CandidateRow): Candidate {
  return {
    ...row,
    ...(inputSchema == null ? {} : { inputSchema }),
    ...(outputSchema == null ? {} : { outputSchema }),
    ...(region == null ? {} : { region }),
    ...(defaults == null ? {} : { defaults }),
    registeredAt: registeredAt.toISOString(),
  };
}
