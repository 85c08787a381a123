import { type Budget, type BudgetLimit, type BudgetView, LEDGER_LIMITS } from '../contracts/budget.js';
import type { BudgetRefusal, BudgetRequest } from '../contracts/budget-ledger.js';
import {
  AMOUNT,
  asJson,
  insertLedgers,
  ledgerRun,
  LEDGER_COLUMNS,
  type LedgerRow,
  lockLedgers,
  openAll,
  writeLedgers,
} from './budget-ledgers.js';
import { admit, closeLedger, leftOf, openLedger, type Reservation } from './budget-rules.js';
import type { Tx } from './database.js';
import { runNotFound } from './find-run.js';

/**
 * Reserves what the attempts may use, in their order; for each of them the budget that does not cover it, or undefined.
 * Ledgers are locked in order of their places, so that workers do not wait for each other in a circle; places that are
 * used for the first time are opened.
 */
export async function reserveBudget(
  tx: Tx,
  orgId: string,
  askingRunId: string,
  requests: BudgetRequest[],
): Promise<(BudgetRefusal | undefined)[]> {
  const runId = await ledgerRun(tx, askingRunId);
  const levels = new Map(requests.flatMap((request) => request.levels.map((level) => [level.place, level] as const)));
  const places = [...levels.keys()];
  const keys = requests.map(({ callKey }) => callKey);
  // What stands after the lock sees what the lock waited for.
  let [rows, held] = await Promise.all([lockLedgers(tx, runId, places), findReservations(tx, runId, keys)]);
  if (rows.length < places.length) {
    await insertLedgers(tx, orgId, runId, places);
    [rows, held] = await Promise.all([lockLedgers(tx, runId, places), findReservations(tx, runId, keys)]);
  }
  const ledgers = new Map(rows.map((row) => [row.place, row]));
  const chainOf = (request: BudgetRequest) => request.levels.map(({ place }) => ledgers.get(place) as LedgerRow);
  for (const request of requests) openAll(chainOf(request), request);

  const kept = new Map(held.map((reservation) => [idOf(reservation), reservation]));
  const answers = requests.map((request) => {
    const own = [...kept.values()].filter(({ callKey }) => callKey === request.callKey);
    const answer = admit(chainOf(request), own, request);
    if (!Array.isArray(answer)) return answer;
    for (const reservation of answer) kept.set(idOf(reservation), reservation);
    return undefined;
  });
  const made = [...kept.values()].filter((reservation) => !held.includes(reservation));
  await Promise.all([writeLedgers(tx, runId, rows), writeReservations(tx, orgId, runId, made)]);
  return answers;
}

/** The place has ended: what it did not use goes back to those around it. A repeat changes nothing. */
export async function closeBudget(tx: Tx, endedRunId: string, place: string): Promise<void> {
  const runId = await ledgerRun(tx, endedRunId);
  const around = place.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/'));
  const rows = await lockLedgers(tx, runId, [...around, place]);
  const ledger = rows.find((row) => row.place === place);
  if (ledger?.state !== 'open') return;
  closeLedger(ledger, new Map(rows.map((row) => [row.place, row])));
  ledger.state = 'closed';
  await Promise.all([
    writeLedgers(tx, runId, rows),
    tx('UPDATE budget_reservation SET is_settled = true WHERE run_id = $1 AND place = $2', [runId, place]),
  ]);
}

/** What the run was given; null when it has none. Fails `run.not_found`. */
export async function findBudget(tx: Tx, runId: string): Promise<Budget | null> {
  const [row] = await tx<{ budget: Budget | null }>('SELECT budget FROM run WHERE id = $1', [runId]);
  if (!row) throw runNotFound(runId);
  return row.budget;
}

/** The budget of the run as it stands now, with what a person allowed more. */
export async function readBudget(tx: Tx, runId: string, budget: Budget): Promise<BudgetView> {
  const [row] = await tx<LedgerRow>(`SELECT ${LEDGER_COLUMNS} FROM budget_ledger WHERE run_id = $1 AND place = ''`, [
    runId,
  ]);
  const ledger = row ?? openLedger({ place: '', limits: {} }, []);
  const limits = await raisedLimits(tx, runId, budget);
  const view: Pick<BudgetView, 'used' | 'reserved' | 'left'> = { used: {}, reserved: {}, left: {} };
  for (const limit of LEDGER_LIMITS) {
    if (budget[limit] === undefined) continue;
    view.used[limit] = rounded(ledger.used[limit]);
    view.reserved[limit] = rounded(ledger.reserved[limit]);
    view.left[limit] = rounded(leftOf({ ...ledger, limits }, limit));
  }
  if (limits.agents !== undefined) {
    view.used.agents = ledger.agents.length;
    view.left.agents = limits.agents - ledger.agents.length;
  }
  return { limits, ...view };
}

async function raisedLimits(
  tx: Tx,
  runId: string,
  { approval: _who, ...limits }: Budget,
): Promise<BudgetView['limits']> {
  if (limits.onExceeded !== 'approval') return limits;
  const raises = await tx<{ limit: BudgetLimit; by: number }>(
    `SELECT data->>'limit' AS limit, sum((data->>'by')::float8) AS by FROM run_event
     WHERE run_id = $1 AND type = 'budget.raised' AND data->>'path' = '/' GROUP BY 1`,
    [runId],
  );
  for (const { limit, by } of raises) {
    const name = limit === 'wallClock' ? 'wallClockMs' : limit;
    limits[name] = rounded((limits[name] ?? 0) + by);
  }
  return limits;
}

const rounded = (amount: number): number => Math.round(amount * 1e9) / 1e9 || 0;

async function findReservations(tx: Tx, runId: string, keys: string[]): Promise<Reservation[]> {
  const rows = await tx<Reservation & { amounts: Record<string, number | null> }>(
    `SELECT call_key AS "callKey", place, is_settled AS "isSettled", ${asJson('')} AS amounts
     FROM budget_reservation WHERE run_id = $1 AND call_key = ANY($2::text[])`,
    [runId, keys],
  );
  return rows.map(({ amounts, ...row }) => ({
    ...row,
    amounts: Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== null)),
  }));
}

async function writeReservations(tx: Tx, orgId: string, runId: string, made: Reservation[]): Promise<void> {
  if (made.length === 0) return;
  const rows = made.map(({ callKey, place, amounts }) => ({
    call_key: callKey,
    place,
    ...Object.fromEntries(LEDGER_LIMITS.map((limit) => [AMOUNT[limit], amounts[limit] ?? null])),
  }));
  await tx(
    `INSERT INTO budget_reservation (org_id, run_id, call_key, place, tokens, cost_usd, calls)
     SELECT $1, $2, call_key, place, tokens, cost_usd, calls
     FROM json_to_recordset($3) AS r (call_key text, place text, tokens float8, cost_usd float8, calls float8)
     ON CONFLICT (run_id, call_key, place)
     DO UPDATE SET tokens = excluded.tokens, cost_usd = excluded.cost_usd, calls = excluded.calls`,
    [orgId, runId, JSON.stringify(rows)],
  );
}

const idOf = ({ callKey, place }: Reservation): string => `${callKey} ${place}`;
