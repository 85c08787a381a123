import type { Candidate } from '../contracts/candidates.js';
import type { Tx } from './database.js';
import { HAS_INSTANCES } from './takes-calls.js';

/** A capability of an agent with what it declares to take and to give. */
export type AgentContract = Pick<
  Candidate,
  'agentId' | 'agent' | 'version' | 'capability' | 'labels' | 'inputSchema' | 'outputSchema'
>;

type Row = Omit<AgentContract, 'inputSchema' | 'outputSchema'> & {
  [Name in 'inputSchema' | 'outputSchema']: AgentContract[Name] | null;
};

/** Of agents with a live instance, at most `limit`; with all of the tags and labels. */
export async function listContracts(
  tx: Tx,
  wanted: { capability?: string; tags?: string[]; labels?: Record<string, string> },
  limit: number,
): Promise<AgentContract[]> {
  const rows = await tx<Row>(
    `SELECT a.id AS "agentId", a.name AS agent, a.version, a.labels, c.name AS capability,
       c.contract -> 'inputSchema' AS "inputSchema", c.contract -> 'outputSchema' AS "outputSchema"
     FROM agent a JOIN agent_capability c ON c.agent_id = a.id
     WHERE ($1::text IS NULL OR c.name = $1) AND a.labels @> $2::jsonb
       AND coalesce((c.contract -> 'tags')::jsonb, '[]') @> $3::jsonb
       AND ${HAS_INSTANCES}
     ORDER BY a.id DESC, c.ordinal LIMIT $4`,
    [wanted.capability ?? null, JSON.stringify(wanted.labels ?? {}), JSON.stringify(wanted.tags ?? []), limit],
  );
  return rows.map(({ inputSchema, outputSchema, ...row }) => ({
    ...row,
    ...(inputSchema !== null && { inputSchema }),
    ...(outputSchema !== null && { outputSchema }),
  }));
}
