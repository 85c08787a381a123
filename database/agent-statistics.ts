import type { Agent, AgentInstance } from '../contracts/agents.js';
import { breakerNow } from './agent-breakers.js';
import type { Tx } from './database.js';
import { emptyBuckets, percentile } from './latency-buckets.js';
import { groupBy } from './group-by.js';

type OfInstance = AgentInstance['statistics'][number];
type Measured = Omit<OfInstance, 'breaker'>;

interface Row {
  instanceId: string;
  capability: string;
  calls: number;
  succeeded: number;
  latencyMs: number | null;
  latencyBuckets: number[];
  costUsd: number;
  tokens: number;
  breaker: OfInstance['breaker'];
}

/** What the calls of an agent taught, by capability. */
export interface AgentStatistics {
  /** Of all instances together, with what they are rated. */
  agent: Agent['statistics'];
  /** By instance id; absent where none was called. */
  instances: ReadonlyMap<string, OfInstance[]>;
}

/** Of capabilities that were called or rated; what a worker has measured arrives a little later. */
export async function loadStatistics(tx: Tx, agentId: string): Promise<AgentStatistics> {
  const rows = await tx<Row>(
    `SELECT instance_id AS "instanceId", capability, calls::float8 AS calls, succeeded::float8 AS succeeded,
       latency_ms AS "latencyMs", to_json(latency_buckets) AS "latencyBuckets", cost_usd AS "costUsd", tokens::float8 AS tokens,
       ${breakerNow('s')} AS breaker
     FROM capability_stat s WHERE agent_id = $1 ORDER BY capability`,
    [agentId],
  );
  const rated = await tx<{ capability: string; reputation: number }>(
    'SELECT capability, reputation FROM agent_reputation WHERE agent_id = $1',
    [agentId],
  );
  const reputations = new Map(rated.map(({ capability, reputation }) => [capability, reputation]));
  const byCapability = groupBy(rows, ({ capability }) => capability);
  const known = new Set([...byCapability.keys(), ...reputations.keys()]);
  const instances = new Map<string, OfInstance[]>();
  for (const [id, own] of groupBy(rows, ({ instanceId }) => instanceId))
    instances.set(
      id,
      own.map((row) => ({ ...measured(row.capability, [row]), breaker: row.breaker })),
    );
  return {
    agent: [...known].toSorted().map((capability) => ({
      ...measured(capability, byCapability.get(capability) ?? []),
      reputation: reputations.get(capability) ?? null,
    })),
    instances,
  };
}

function measured(capability: string, rows: readonly Row[]): Measured {
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  const [calls, succeeded] = [sum((row) => row.calls), sum((row) => row.succeeded)];
  const buckets = emptyBuckets();
  for (const { latencyBuckets } of rows)
    latencyBuckets.forEach((count, at) => (buckets[at] = (buckets[at] ?? 0) + count));
  const [p50, p95] = [percentile(buckets, 0.5), percentile(buckets, 0.95)];
  const ewma = sum((row) => (row.latencyMs ?? 0) * row.succeeded) / succeeded;
  return {
    capability,
    calls,
    successRate: calls > 0 ? succeeded / calls : null,
    latencyMs: succeeded === 0 || p50 === undefined || p95 === undefined ? null : { ewma, p50, p95 },
    costUsd: sum((row) => row.costUsd),
    tokens: sum((row) => row.tokens),
  };
}
