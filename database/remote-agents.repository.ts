import type { Capability } from '../contracts/agents.js';
import type { Discovered, DiscoveryTask } from '../contracts/agent-discovery.js';
import type { RemoteAgent, RemoteSettings } from '../contracts/remote-agents.js';
import { replaceCapabilities } from './agent-capabilities.js';
import type { Database, Tx } from './database.js';

/** Meanwhile another worker takes it up, when this one died over it. */
const CLAIMED_S = 60;

type Row = Omit<RemoteAgent, 'settings' | 'names'> & {
  settings: RemoteSettings | null;
  names: RemoteAgent['names'] | null;
};

/** The agent as its calls go by it; undefined when it is none of a server. */
export async function loadRemoteAgent(tx: Tx, agentId: string): Promise<RemoteAgent | undefined> {
  const [row] = await tx<Row>('SELECT name, settings, names FROM agent WHERE id = $1', [agentId]);
  if (!row?.settings || !row.names) return undefined;
  const { name, settings, names } = row;
  return { name, settings, names };
}

/** Agents whose servers are to be asked again; each is given to one worker. */
export async function claimDueAgents(database: Database, limit: number): Promise<{ id: string; orgId: string }[]> {
  return database.asDispatch((tx) =>
    tx(
      `UPDATE agent SET refresh_at = now() + interval '${CLAIMED_S} s'
       WHERE id IN (SELECT id FROM agent WHERE refresh_at <= now() ORDER BY refresh_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING id, org_id AS "orgId"`,
      [limit],
    ),
  );
}

export type KnownServer = Pick<DiscoveryTask, 'protocol' | 'endpoint' | 'settings'>;

/** Where an agent's server is asked: at a live instance, the newest first; undefined when there is none. */
export async function findServer(tx: Tx, agentId: string): Promise<KnownServer | undefined> {
  const [row] = await tx<KnownServer>(
    `SELECT a.protocol, a.settings, i.endpoint FROM agent a JOIN agent_instance i ON i.agent_id = a.id
     WHERE a.id = $1 AND a.names IS NOT NULL AND NOT i.draining AND i.state <> 'shutdown'
     ORDER BY i.id DESC LIMIT 1`,
    [agentId],
  );
  return row;
}

/**
 * What a server said of itself is from now on what the agent can do, unless it was registered anew with other settings
 * meanwhile. Whether that is something else than before.
 */
export async function keepDiscovered(
  tx: Tx,
  { orgId, agentId, settings }: { orgId: string; agentId: string; settings: RemoteSettings },
  { description, capabilities, names }: Discovered,
): Promise<boolean> {
  const rows = await tx(
    `UPDATE agent SET names = $3, description = coalesce(description, $4), refresh_at = now() + $5 * interval '1 s',
       discovery = json_build_object('at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'error', NULL)
     WHERE id = $1 AND settings::jsonb = $2::jsonb RETURNING id`,
    [agentId, JSON.stringify(settings), JSON.stringify(names), description ?? null, settings.refreshSeconds],
  );
  if (rows.length === 0) return false;
  const before = await tx<{ contract: Capability }>(
    'SELECT contract FROM agent_capability WHERE agent_id = $1 ORDER BY ordinal',
    [agentId],
  );
  if (JSON.stringify(before.map(({ contract }) => contract)) === JSON.stringify(capabilities)) return false;
  await replaceCapabilities(tx, orgId, agentId, capabilities);
  return true;
}

/** The server could not be asked: what it said before stands, and it is asked again as usual. */
export async function keepDiscoveryError(
  tx: Tx,
  { agentId, settings }: { agentId: string; settings: RemoteSettings },
  reason: string,
): Promise<void> {
  await tx(
    `UPDATE agent SET refresh_at = now() + $2 * interval '1 s', discovery = json_build_object(
       'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'error', $3::text) WHERE id = $1`,
    [agentId, settings.refreshSeconds, reason],
  );
}
