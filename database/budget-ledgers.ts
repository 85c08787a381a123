import { LEDGER_LIMITS } from '../contracts/budget.js';
import type { BudgetRequest } from '../contracts/budget-ledger.js';
import { type Ledger, openLedger } from './budget-rules.js';
import type { Tx } from './database.js';

/** The ledger of a place as Postgres keeps it. */
export interface LedgerRow extends Ledger {
  state: 'new' | 'open' | 'closed';
}

export const AMOUNT = { tokens: 'tokens', costUsd: 'cost_usd', calls: 'calls' } as const;
export const asJson = (prefix: string) =>
  `json_build_object(${LEDGER_LIMITS.map((limit) => `'${limit}', ${prefix}${AMOUNT[limit]}`).join(', ')})`;

export const LEDGER_COLUMNS = `place, state, limits, ${asJson('used_')} AS used, ${asJson('reserved_')} AS reserved, agents, leases`;

/** Whose ledgers count a run's calls: a shard's are those of its bulk run, so that all items draw on the same. */
export async function ledgerRun(tx: Tx, runId: string): Promise<string> {
  const [row] = await tx<{ id: string }>(`SELECT ${ledgerRunOf('$1::uuid')} AS id`, [runId]);
  return row?.id ?? runId;
}

/** The same as an expression. */
export const ledgerRunOf = (run: string): string =>
  `coalesce((SELECT parent_run_id FROM run WHERE id = ${run} AND kind = 'shard'), ${run})`;

/** Those that are not there yet. */
export async function insertLedgers(tx: Tx, orgId: string, runId: string, places: string[]): Promise<void> {
  await tx(
    `INSERT INTO budget_ledger (org_id, run_id, place, limits)
     SELECT $1, $2, place, '{}' FROM unnest($3::text[]) AS p (place) ORDER BY place COLLATE "C" ON CONFLICT DO NOTHING`,
    [orgId, runId, places],
  );
}

/** In order of their places, so that workers do not wait for each other in a circle. */
export const lockLedgers = (tx: Tx, runId: string, places: string[]): Promise<LedgerRow[]> =>
  tx<LedgerRow>(
    `SELECT ${LEDGER_COLUMNS} FROM budget_ledger WHERE run_id = $1 AND place = ANY($2::text[])
     ORDER BY place COLLATE "C" FOR UPDATE`,
    [runId, places],
  );

export async function writeLedgers(tx: Tx, runId: string, rows: LedgerRow[]): Promise<void> {
  const amounts = (prefix: string) => LEDGER_LIMITS.map((limit) => `${prefix}${AMOUNT[limit]}`);
  const changed = rows.map(({ place, state, limits, used, reserved, agents, leases }) => ({
    place,
    state,
    limits,
    agents,
    leases,
    ...Object.fromEntries(LEDGER_LIMITS.map((limit) => [`used_${AMOUNT[limit]}`, used[limit]])),
    ...Object.fromEntries(LEDGER_LIMITS.map((limit) => [`reserved_${AMOUNT[limit]}`, reserved[limit]])),
  }));
  const names = [...amounts('used_'), ...amounts('reserved_')];
  await tx(
    `UPDATE budget_ledger l SET state = r.state, limits = r.limits, agents = r.agents, leases = r.leases,
       ${names.map((name) => `${name} = r.${name}`).join(', ')}
     FROM json_to_recordset($2) AS r (place text, state text, limits json, agents text[], leases json,
       ${names.map((name) => `${name} float8`).join(', ')})
     WHERE l.run_id = $1 AND l.place = r.place`,
    [runId, JSON.stringify(changed)],
  );
}

/** Opens what is used for the first time; `chain` is that of `levels`. */
export function openAll(chain: LedgerRow[], { levels }: Pick<BudgetRequest, 'levels'>): void {
  for (const [depth, row] of chain.entries()) {
    const level = levels[depth];
    if (row.state !== 'new' || !level) continue;
    Object.assign(row, openLedger(level, chain.slice(0, depth)), { state: 'open' });
  }
}
