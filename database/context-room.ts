import type { DeclaredRoom } from '../contracts/candidates.js';
import type { SchemaDocument } from '../contracts/json.js';
import type { CallTarget } from '../contracts/run-workflow.js';
import type { Tx } from './database.js';
import { isUuid } from './uuid.js';

/** Of the live agents of a target, of whatever version. */
export async function readContextRoom(tx: Tx, { capability, agent, labels }: CallTarget): Promise<DeclaredRoom> {
  const agentId = agent !== undefined && isUuid(agent) ? agent : null;
  const [row] = await tx<{ tokens: number | null; inputSchemas: SchemaDocument[] | null }>(
    `SELECT min((a.limits ->> 'contextTokens')::float8) AS tokens,
       jsonb_agg(DISTINCT (c.contract -> 'inputSchema')::jsonb) FILTER (WHERE c.contract -> 'inputSchema' IS NOT NULL) AS "inputSchemas"
     FROM agent a LEFT JOIN agent_capability c ON c.agent_id = a.id AND c.name = $1
     WHERE ($1::text IS NULL OR c.agent_id IS NOT NULL)
       AND ($2::uuid IS NULL OR a.id = $2) AND ($3::text IS NULL OR a.name = $3) AND a.labels @> $4::jsonb
       AND EXISTS (SELECT FROM agent_instance i WHERE i.agent_id = a.id AND NOT i.draining AND i.state <> 'shutdown'
         AND (i.lease_expires_at IS NULL OR i.lease_expires_at > now()))`,
    [capability ?? null, agentId, agentId === null ? (agent ?? null) : null, JSON.stringify(labels ?? {})],
  );
  return { tokens: row?.tokens ?? null, inputSchemas: row?.inputSchemas ?? [] };
}
