import type { Tx } from './database.js';

interface KnownNames {
  agents: string[];
  capabilities: string[];
  /** `namespace/name`. */
  workflows: string[];
  connections: string[];
}

/** Names that definitions of an organisation may call, in alphabetical order; at most 1,000 of each. */
export async function knownNames(tx: Tx): Promise<KnownNames> {
  const agents = await tx<{ name: string }>('SELECT DISTINCT name FROM agent ORDER BY name LIMIT 1000');
  const capabilities = await tx<{ name: string }>(
    'SELECT DISTINCT name FROM agent_capability ORDER BY name LIMIT 1000',
  );
  const workflows = await tx<{ name: string }>(
    `SELECT DISTINCT namespace || '/' || name AS name FROM workflow_definition ORDER BY name LIMIT 1000`,
  );
  const connections = await tx<{ name: string }>('SELECT name FROM connection ORDER BY name LIMIT 1000');
  return {
    agents: agents.map(({ name }) => name),
    capabilities: capabilities.map(({ name }) => name),
    workflows: workflows.map(({ name }) => name),
    connections: connections.map(({ name }) => name),
  };
}
