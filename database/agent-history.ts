import type { AgentHistory } from '../contracts/candidates.js';
import type { Tx } from './database.js';
import { percentile } from './latency-buckets.js';
import { USAGE_UNITS, usageShare } from './usage-buckets.js';

const P95 = 0.95;

interface Counts {
  costs: number[] | null;
  tokens: number[] | null;
  latencies: number[];
}

/** What 95 % of the agent's answers with this capability kept to, over all its instances; null where there are none. */
export async function readAgentHistory(tx: Tx, agentId: string, capability: string): Promise<AgentHistory> {
  const rows = await tx<Counts>(
    `SELECT cost_buckets AS costs, token_buckets AS tokens, latency_buckets AS latencies
     FROM capability_stat WHERE agent_id = $1 AND capability = $2`,
    [agentId, capability],
  );
  const known = (field: 'costs' | 'tokens') => rows.flatMap((row) => (row[field] ? [row[field]] : []));
  const latencies = (rows[0]?.latencies ?? []).map((_, at) =>
    rows.reduce((sum, row) => sum + (row.latencies[at] ?? 0), 0),
  );
  return {
    tokens: usageShare(known('tokens'), P95, USAGE_UNITS.tokens),
    costUsd: usageShare(known('costs'), P95, USAGE_UNITS.costUsd),
    latencyMs: percentile(latencies, P95) ?? null,
  };
}
