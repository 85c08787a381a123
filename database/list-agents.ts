import type { Agent, AgentInstance, AgentSummary, Capability, InstanceState } from '../contracts/agents.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { Page, PageQuery } from '../contracts/lists.js';
import type { LlmSettings } from '../contracts/llm-agents.js';
import { breakerNow } from './agent-breakers.js';
import { type AgentStatistics, loadStatistics } from './agent-statistics.js';
import type { Discovery, RemoteSettings } from '../contracts/remote-agents.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import { splitLabel } from './label-filter.js';
import { isUuid } from './uuid.js';

/** By the database's clock, whatever the last sweep wrote; `recovering` while its breaker is not closed. */
export const STATE_NOW = `CASE WHEN i.lease_expires_at <= now() THEN 'shutdown'
    WHEN i.state <> 'shutdown' AND i.breaker <> 'closed' THEN 'recovering' ELSE i.state END`;

/** An agent is as its liveliest instance. */
const COLUMNS = `a.id, a.name, a.version, a.description, a.protocol, a.role, a.labels,
    (SELECT coalesce(array_agg(c.name ORDER BY c.ordinal), '{}') FROM agent_capability c WHERE c.agent_id = a.id) AS capabilities,
    (SELECT count(*)::int FROM agent_instance i WHERE i.agent_id = a.id AND ${STATE_NOW} <> 'shutdown') AS instances,
    coalesce((SELECT ${STATE_NOW} FROM agent_instance i WHERE i.agent_id = a.id
      ORDER BY array_position('{working,ready,recovering,initializing,idle,shutdown}', ${STATE_NOW}) LIMIT 1), 'shutdown') AS state`;
const SUMMARY = `SELECT ${COLUMNS} FROM agent a`;
const DETAIL = `SELECT ${COLUMNS}, a.region, a.limits, a.settings, a.discovery, a.client_certificate AS "clientCertificate", a.created_at AS "createdAt" FROM agent a`;

type DetailRow = AgentSummary & {
  region: string | null;
  limits: Json;
  settings: LlmSettings | RemoteSettings | null;
  discovery: Discovery | null;
  clientCertificate: string | null;
  createdAt: Date;
};

export interface AgentFilter extends PageQuery {
  capability?: string;
  name?: string;
  /** Of its liveliest instance. */
  state?: InstanceState;
  /** `key=value`, or a key alone. */
  label?: string;
  version?: string;
}

/** The newest first. `instances` counts the live ones. */
export async function listAgents(
  tx: Tx,
  { limit, cursor, capability, name, state, label, version }: AgentFilter,
): Promise<Page<AgentSummary>> {
  const before = cursor === undefined ? null : decodeCursor(cursor, isUuid);
  const [key, value] = label === undefined ? [] : splitLabel(label);
  const rows = await tx<AgentSummary>(
    `SELECT * FROM (${SUMMARY}) a WHERE ($1::uuid IS NULL OR a.id < $1) AND ($3::text IS NULL OR a.name = $3)
       AND ($2::text IS NULL OR EXISTS (SELECT FROM agent_capability c WHERE c.agent_id = a.id AND c.name = $2))
       AND ($4::text IS NULL OR a.version = $4) AND ($5::text IS NULL OR a.state = $5)
       AND ($6::text IS NULL OR CASE WHEN $7::text IS NULL THEN jsonb_exists(a.labels, $6) ELSE a.labels ->> $6 = $7 END)
     ORDER BY a.id DESC LIMIT $8`,
    [before, capability ?? null, name ?? null, version ?? null, state ?? null, key ?? null, value ?? null, limit + 1],
  );
  return toPage(
    rows,
    limit,
    ({ id }) => id,
    (row) => row,
  );
}

/** One agent with its instances and statistics. Fails `agent.not_found`. */
export async function loadAgent(tx: Tx, id: string): Promise<Agent> {
  const [row] = isUuid(id) ? await tx<DetailRow>(`${DETAIL} WHERE a.id = $1`, [id]) : [];
  if (!row) throw agentNotFound(id);
  const { settings, discovery, clientCertificate, ...summary } = row;
  const capabilities = await tx<{ contract: Capability }>(
    'SELECT contract FROM agent_capability WHERE agent_id = $1 ORDER BY ordinal',
    [id],
  );
  const statistics = await loadStatistics(tx, id);
  return {
    ...summary,
    ...(settings && { [summary.protocol === 'llm' ? 'llm' : 'remote']: settings }),
    ...(clientCertificate !== null && { clientCertificate }),
    ...(discovery && { discovery }),
    capabilities: capabilities.map(({ contract }) => contract),
    instances: await loadInstances(tx, id, statistics.instances),
    statistics: statistics.agent,
    createdAt: summary.createdAt.toISOString(),
  };
}

/** Fails `agent.not_found`. */
export async function nameOfAgent(tx: Tx, id: string): Promise<string> {
  const [agent] = isUuid(id) ? await tx<{ name: string }>('SELECT name FROM agent WHERE id = $1', [id]) : [];
  if (!agent) throw agentNotFound(id);
  return agent.name;
}

const agentNotFound = (id: string) => new BrikkError('agent.not_found', `There is no agent ${id}`);

async function loadInstances(
  tx: Tx,
  agentId: string,
  statistics: AgentStatistics['instances'],
): Promise<AgentInstance[]> {
  const rows = await tx<
    Omit<AgentInstance, 'lease' | 'registeredAt' | 'statistics'> & { leaseExpiresAt: Date | null; registeredAt: Date }
  >(
    `SELECT i.id, i.endpoint, ${STATE_NOW} AS state, i.draining, i.max_concurrency AS "maxConcurrency",
       i.in_flight AS "inFlight", i.load, ${breakerNow('i')} AS breaker, i.lease_expires_at AS "leaseExpiresAt",
       (extract(epoch FROM now() - i.lease_expires_at + i.ttl_seconds * interval '1 s') * 1000)::float8 AS "heartbeatAgeMs",
       i.registered_at AS "registeredAt", CASE WHEN ${STATE_NOW} <> 'shutdown'
         THEN floor(extract(epoch FROM now() - i.up_since) * 1000)::float8 END AS "upMs"
     FROM agent_instance i WHERE i.agent_id = $1 ORDER BY i.id`,
    [agentId],
  );
  return rows.map(({ leaseExpiresAt, registeredAt, ...instance }) => ({
    ...instance,
    lease: { expiresAt: leaseExpiresAt?.toISOString() ?? null },
    registeredAt: registeredAt.toISOString(),
    statistics: statistics.get(instance.id) ?? [],
  }));
}
