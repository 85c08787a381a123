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

/** Of a run that has ended as it wrote it, otherwise as it stands now; of a bulk run and a shard that of their parts. */
export async function usageOf(tx: Tx, { id, kind, usage }: Pick<RunRow, 'id' | 'kind' | 'usage'>): Promise<Usage> {
  if (kind === 'bulk' || kind === 'shard') return usageOfParts(tx, id);
  if (usage !== null) return usage;
  const [row] = await tx<{ usage: Usage }>(`SELECT (${USAGE_OF_RUN}) AS usage`, [id]);
  return row?.usage ?? {};
}

/** Its own calls, and those of its shards and items. */
async function usageOfParts(tx: Tx, runId: string): Promise<Usage> {
  const [row] = await tx<{ usage: Usage }>(
    `WITH parts AS (
       SELECT id, usage FROM run WHERE id = $1
       UNION ALL SELECT id, usage FROM run WHERE parent_run_id = $1 AND kind IN ('shard', 'item')
       UNION ALL SELECT item.id, item.usage FROM bulk_shard s JOIN run item ON item.parent_run_id = s.shard_run_id
         WHERE s.run_id = $1 AND item.kind = 'item'
     ), used AS (SELECT coalesce(usage, (${usageOfCalls('parts.id')})) AS amount FROM parts)
     SELECT json_build_object(${FIELDS.map((name) => `'${name}', coalesce(sum((amount ->> '${name}')::float8), 0)`).join(', ')})
       AS usage FROM used`,
    [runId],
  );
  return row?.usage ?? {};
}

const FIELDS = ['inputTokens', 'outputTokens', 'costUsd', 'calls'] as const satisfies (keyof Usage)[];
