import type { Database, Tx } from './database.js';

/** Whose breaker: of instances of agents, of connections, of webhook endpoints. */
export type BreakerKind = 'agent' | 'connector' | 'webhook';
/** `open` again for each probe that failed. */
export type BreakerMove = 'open' | 'closed';

/**
 * Counts that breakers have opened or closed. All of an organisation share a row: it is the last that a transaction locks,
 * so that nobody waits in a circle.
 */
export async function countBreakerMoves(
  tx: Tx,
  orgId: string,
  kind: BreakerKind,
  moves: readonly BreakerMove[],
): Promise<void> {
  if (moves.length === 0) return;
  await tx(
    `INSERT INTO breaker_change AS b (org_id, kind, state, count)
     SELECT $1, $2, state, count(*) FROM unnest($3::text[]) AS m(state) GROUP BY state ORDER BY state
     ON CONFLICT (org_id, kind, state) DO UPDATE SET count = b.count + excluded.count`,
    [orgId, kind, moves],
  );
}

/** Of all organisations, for metrics. */
export const breakerMovesOfAll = (
  database: Database,
): Promise<{ kind: BreakerKind; state: BreakerMove; count: number }[]> =>
  database.asDispatch((tx) => tx('SELECT kind, state, sum(count)::float8 AS count FROM breaker_change GROUP BY 1, 2'));
