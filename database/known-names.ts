import type { Tx } from './database.js';

/** Names that definitions of an organisation may call, in alphabetical order; at most 1,000 of each. */
export async function knownNames(tx: Tx): Promise<{ agents: string[]; capabilities: string[] }> {
  const agents = await tx<{ name: string }>('SELECT DISTINCT name FROM agent ORDER BY name LIMIT 1000');
  const capabilities = await tx<{ name: string }>(
    'SELECT DISTINCT name FROM agent_capability ORDER BY name LIMIT 1000',
  );
  return { agents: agents.map(({ name }) => name), capabilities: capabilities.map(({ name }) => name) };
}
