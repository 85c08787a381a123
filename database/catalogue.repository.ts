import type { Capability } from '../contracts/agents.js';
import type { Tx } from './database.js';
import { HAS_INSTANCES } from './takes-calls.js';

/** An agent as a catalogue describes it. */
export interface CataloguedAgent {
  id: string;
  name: string;
  version: string;
  description: string | null;
  labels: Record<string, string>;
  createdAt: Date;
  capabilities: Pick<Capability, 'name' | 'description' | 'tags' | 'specialization'>[];
}

/** Agents with a live instance, the newest first; of this name alone, where one is given. */
export async function listCatalogued(tx: Tx, limit: number, name?: string): Promise<CataloguedAgent[]> {
  return tx<CataloguedAgent>(
    `SELECT a.id, a.name, a.version, a.description, a.labels, a.created_at AS "createdAt",
       (SELECT coalesce(json_agg(c.contract ORDER BY c.ordinal), '[]') FROM agent_capability c WHERE c.agent_id = a.id)
         AS capabilities
     FROM agent a WHERE ($2::text IS NULL OR a.name = $2)
       AND ${HAS_INSTANCES}
     ORDER BY a.id DESC LIMIT $1`,
    [limit, name ?? null],
  );
}
