import type { RegisterAgent } from '../contracts/agents.js';
import type { Tx } from './database.js';

/** From now on these are the agent's capabilities, in this order. */
export async function replaceCapabilities(
  tx: Tx,
  orgId: string,
  agentId: string,
  capabilities: RegisterAgent['capabilities'],
): Promise<void> {
  const names = capabilities.map(({ name }) => name);
  await tx('DELETE FROM agent_capability WHERE agent_id = $1 AND name <> ALL($2::text[])', [agentId, names]);
  await tx(
    `INSERT INTO agent_capability (org_id, agent_id, name, ordinal, contract)
     SELECT $1, $2, name, ordinal, contract::json
     FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS c (name, contract, ordinal)
     ON CONFLICT (agent_id, name) DO UPDATE SET ordinal = excluded.ordinal, contract = excluded.contract`,
    [orgId, agentId, names, capabilities.map((capability) => JSON.stringify(capability))],
  );
}
