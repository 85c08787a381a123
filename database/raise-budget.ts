import type { LedgerLimit } from '../contracts/budget.js';
import type { BudgetRaise, RaisedBudget } from '../contracts/budget-ledger.js';
import { insertLedgers, ledgerRun, lockLedgers, openAll, type LedgerRow, writeLedgers } from './budget-ledgers.js';
import { raiseLedger } from './budget-rules.js';
import type { Tx } from './database.js';
import { writeRunRecords } from './write-run-records.js';

/**
 * A person allowed more: the ledger and the event, once for a key. The run is locked first, as by whoever journals its
 * calls. Rounds, depth and time have no ledger: the event alone says it.
 */
export async function raiseBudget(
  tx: Tx,
  orgId: string,
  runId: string,
  { key, place, levels, limit, by }: BudgetRaise,
): Promise<RaisedBudget> {
  await tx('SELECT FROM run WHERE id = $1 FOR UPDATE', [runId]);
  const [known] = await tx<{ by: number }>(
    `SELECT (data->>'by')::float8 AS by FROM run_event WHERE run_id = $1 AND key = $2`,
    [runId, key],
  );
  if (known) return known;
  const isCounted = limit !== 'wallClock' && limit !== 'rounds' && limit !== 'depth';
  const raised = isCounted ? await raise(tx, { orgId, runId, place, levels, limit, by }) : { by };
  if (raised.by > 0) {
    const data = { path: `/${place}`, limit, by: raised.by };
    await writeRunRecords(tx, orgId, [{ runId, event: { key, type: 'budget.raised', data } }]);
  }
  return raised;
}

interface Raise extends Omit<BudgetRaise, 'key' | 'limit'> {
  orgId: string;
  runId: string;
  limit: LedgerLimit | 'agents';
}

async function raise(tx: Tx, { orgId, runId: raisedRunId, place, levels, limit, by }: Raise): Promise<RaisedBudget> {
  const runId = await ledgerRun(tx, raisedRunId);
  const places = levels.map((level) => level.place);
  await insertLedgers(tx, orgId, runId, places);
  const rows = await lockLedgers(tx, runId, places);
  const chain = places.map((name) => rows.find((row) => row.place === name) as LedgerRow);
  openAll(chain, { levels });
  const own = chain.at(-1);
  if (own?.place !== place || own.state !== 'open') return { by: 0 };
  const raised = raiseLedger(own, chain.slice(0, -1), { limit, by });
  await writeLedgers(tx, runId, rows);
  return raised;
}
