import type { CallTarget } from '../contracts/run-workflow.js';
import type { Tx } from './database.js';
import { isUuid } from './uuid.js';

/** The least `limits.contextTokens` of the live agents of a target, of whatever version; null where none declares it. */
export async function readContextRoom(tx: Tx, { capability, agent, labels }: CallTarget): Promise<number | null> {
  const agentId = agent !== undefined && isUuid(agent) ? agent : null;
  const [row] = await tx<{ tokens: number | null }>(
    `SELECT min((a.limits ->> 'contextTokens')::float8) AS tokens FROM agent a
     WHERE ($1::text IS NULL OR EXISTS (SELECT FROM agent_capability c WHERE c.agent_id = a.id AND c.name = $1))
       AND ($2::uuid IS NULL OR a.id = $2) AND ($3::text IS NULL OR a.name = $3) AND a.labels @> $4::jsonb
       AND EXISTS (SELECT FROM agent_instance i WHERE i.agent_id = a.id AND NOT i.draining AND i.state <> 'shutdown'
         AND (i.lease_expires_at IS NULL OR i.lease_expires_at > now()))`,
    [capability ?? null, agentId, agentId === null ? (agent ?? null) : null, JSON.stringify(labels ?? {})],
  );
  return row?.tokens ?? null;
}
