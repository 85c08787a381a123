import type { Usage } from '../contracts/usage.js';
import type { Tx } from './database.js';
import type { RunRow } from './entities/run.entity.js';

/** What the calls of run `$1` used, copied ones excepted; amounts in tokens and US dollars. */
export const USAGE_OF_RUN = usageOfCalls('$1');

function usageOfCalls(runId: string): string {
  return `SELECT json_build_object(
    'inputTokens', coalesce(sum((usage ->> 'inputTokens')::float8), 0),
    'outputTokens', coalesce(sum((usage ->> 'outputTokens')::float8), 0),
    'costUsd', coalesce(sum((usage ->> 'costUsd')::float8), 0),
    'calls', coalesce(sum(coalesce((usage ->> 'calls')::float8, 1)), 0))
  FROM call_journal WHERE run_id = ${runId}`;
}

/** Of a run that has ended as it wrote it, otherwise as it stands now; of a bulk run that of its shards. */
export async function usageOf(tx: Tx, { id, kind, usage }: Pick<RunRow, 'id' | 'kind' | 'usage'>): Promise<Usage> {
  if (kind === 'bulk') return usageOfShards(tx, id);
  if (usage !== null) return usage;
  const [row] = await tx<{ usage: Usage }>(`SELECT (${USAGE_OF_RUN}) AS usage`, [id]);
  return row?.usage ?? {};
}

async function usageOfShards(tx: Tx, runId: string): Promise<Usage> {
  const rows = await tx<{ usage: Usage }>(
    `SELECT coalesce(run.usage, (${usageOfCalls('run.id')})) AS usage FROM run WHERE parent_run_id = $1 AND kind = 'shard'`,
    [runId],
  );
  const sum = (field: keyof Usage) => rows.reduce((total, row) => total + (row.usage[field] ?? 0), 0);
  return {
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    costUsd: sum('costUsd'),
    calls: sum('calls'),
  };
}
