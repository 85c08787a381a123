import type { CallStat } from '../contracts/candidates.js';
import type { Database, Tx } from './database.js';
import { settleQuota } from './quotas.repository.js';
import { countUsage, USAGE_UNITS } from './usage-buckets.js';
import { isChosen, recordChoices } from './selection.repository.js';
import { bucketOf, emptyBuckets, movingMean } from './latency-buckets.js';

interface StatRow {
  instanceId: string;
  capability: string;
  agentId: string;
  calls: number;
  succeeded: number;
  successRate: number | null;
  latencyMs: number | null;
  latencyBuckets: number[];
  costUsd: number;
  tokens: number;
  costBuckets: number[] | null;
  tokenBuckets: number[] | null;
}

/** Adds what a batch of attempts taught to the statistics that all workers share. */
export async function recordCallStats(database: Database, stats: CallStat[]): Promise<void> {
  for (const orgId of new Set(stats.map((stat) => stat.orgId))) {
    const own = stats.filter((stat) => stat.orgId === orgId);
    await database.inOrg(orgId, async (tx) => {
      await addStats(tx, orgId, own);
      await settleQuota(tx, usedBy(own));
    });
    const chosen = own.filter(isChosen);
    if (chosen.length > 0) await database.inOrg(orgId, (tx) => recordChoices(tx, chosen));
  }
}

const usedBy = (stats: readonly CallStat[]) => ({
  tokens: stats.reduce((sum, { tokens = 0 }) => sum + tokens, 0),
  costUsd: stats.reduce((sum, { costUsd }) => sum + costUsd, 0),
});

async function addStats(tx: Tx, orgId: string, stats: CallStat[]): Promise<void> {
  const keys = [...new Map(stats.map((stat) => [idOf(stat), stat])).values()].sort((a, b) =>
    idOf(a) < idOf(b) ? -1 : 1,
  );
  const pairs = [keys.map(({ instanceId }) => instanceId), keys.map(({ capability }) => capability)];
  await tx(
    `INSERT INTO capability_stat (org_id, agent_id, instance_id, capability, calls, succeeded, success_rate, latency_buckets, cost_usd)
     SELECT $1, agent_id, instance_id, capability, 0, 0, 0, $5::int[], 0
     FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS s (agent_id, instance_id, capability) ON CONFLICT DO NOTHING`,
    [orgId, keys.map(({ agentId }) => agentId), ...pairs, emptyBuckets()],
  );
  const rows = await tx<StatRow>(
    `SELECT s.instance_id AS "instanceId", s.capability, s.agent_id AS "agentId", calls::float8 AS calls,
       succeeded::float8 AS succeeded, CASE WHEN calls > 0 THEN success_rate END AS "successRate", latency_ms AS "latencyMs",
       to_json(latency_buckets) AS "latencyBuckets", cost_usd AS "costUsd", tokens::float8 AS tokens,
       to_json(cost_buckets) AS "costBuckets", to_json(token_buckets) AS "tokenBuckets"
     FROM capability_stat s JOIN unnest($1::uuid[], $2::text[]) AS k (instance_id, capability) USING (instance_id, capability)
     ORDER BY s.instance_id::text || ' ' || s.capability FOR UPDATE OF s`,
    pairs,
  );
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  for (const stat of stats) {
    const row = byId.get(idOf(stat));
    if (row) learn(row, stat);
  }
  await tx(
    `UPDATE capability_stat s SET calls = r.calls, succeeded = r.succeeded, success_rate = coalesce(r."successRate", 0),
       latency_ms = r."latencyMs", latency_buckets = r."latencyBuckets", cost_usd = r."costUsd", tokens = r.tokens,
       cost_buckets = r."costBuckets", token_buckets = r."tokenBuckets"
     FROM json_to_recordset($1) AS r ("instanceId" uuid, capability text, calls bigint, succeeded bigint,
       "successRate" float8, "latencyMs" float8, "latencyBuckets" int[], "costUsd" float8,
       "costBuckets" int[], "tokenBuckets" int[], tokens bigint)
     WHERE s.instance_id = r."instanceId" AND s.capability = r.capability`,
    [JSON.stringify(rows)],
  );
}

const idOf = ({ instanceId, capability }: { instanceId: string; capability: string }) => `${instanceId} ${capability}`;

/** A failure's latency says nothing about how long the work takes. */
function learn(row: StatRow, { succeeded, latencyMs, costUsd, tokens = 0 }: CallStat): void {
  row.calls += 1;
  row.succeeded += succeeded ? 1 : 0;
  row.successRate = movingMean(row.successRate, succeeded ? 1 : 0);
  row.costUsd += costUsd;
  row.tokens += tokens;
  if (costUsd > 0) row.costBuckets = countUsage(row.costBuckets, costUsd, USAGE_UNITS.costUsd);
  if (tokens > 0) row.tokenBuckets = countUsage(row.tokenBuckets, tokens, USAGE_UNITS.tokens);
  if (!succeeded) return;
  row.latencyMs = movingMean(row.latencyMs, latencyMs);
  const bucket = bucketOf(latencyMs);
  row.latencyBuckets[bucket] = (row.latencyBuckets[bucket] ?? 0) + 1;
}
