import { ledgerRunOf } from './budget-ledgers.js';
import type { Tx } from './database.js';
import type { JournalEntry } from './run-records.js';

/** A finished call that had reserved, and its run. */
export interface Settlement {
  runId: string;
  call: JournalEntry;
}

/**
 * What the calls really used takes the place of what they held, in the transaction that journals them. Only open
 * reservations change, so that a repeat counts nothing twice. Ledgers are locked first, in order, as for reserving.
 */
export async function settleBudgets(tx: Tx, settlements: Settlement[]): Promise<void> {
  const rows = settlements.map(({ runId, call: { key, usage } }) => ({
    run_id: runId,
    key,
    tokens: (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0),
    cost_usd: usage.costUsd ?? 0,
    calls: usage.calls ?? 0,
  }));
  const json = JSON.stringify(rows);
  await Promise.all([tx(LOCK, [json]), tx(SETTLE, [json])]);
}

/** Materialised by OFFSET: whose ledgers they are is looked up once a call. */
const CALLS = `(SELECT ${ledgerRunOf('c.run_id')} AS run_id, key, tokens, cost_usd, calls
  FROM json_to_recordset($1) AS c (run_id uuid, key text, tokens float8, cost_usd float8, calls float8) OFFSET 0) s`;

const LOCK = `
  SELECT FROM budget_ledger l WHERE (l.run_id, l.place) IN (
    SELECT r.run_id, r.place FROM budget_reservation r JOIN ${CALLS} ON r.run_id = s.run_id AND r.call_key = s.key)
  ORDER BY l.run_id, l.place COLLATE "C" FOR UPDATE`;

const SETTLE = `
  WITH settled AS (
    UPDATE budget_reservation r SET is_settled = true FROM ${CALLS}
    WHERE r.run_id = s.run_id AND r.call_key = s.key AND NOT r.is_settled
    RETURNING r.run_id, r.place, r.tokens AS held_tokens, r.cost_usd AS held_cost_usd, r.calls AS held_calls,
      CASE WHEN r.tokens IS NOT NULL THEN s.tokens END AS tokens,
      CASE WHEN r.cost_usd IS NOT NULL THEN s.cost_usd END AS cost_usd,
      CASE WHEN r.calls IS NOT NULL THEN s.calls END AS calls
  ), total AS (
    SELECT run_id, place, ${['tokens', 'cost_usd', 'calls']
      .map((name) => `coalesce(sum(held_${name}), 0) AS held_${name}, coalesce(sum(${name}), 0) AS ${name}`)
      .join(', ')}
    FROM settled GROUP BY run_id, place
  )
  UPDATE budget_ledger l SET ${['tokens', 'cost_usd', 'calls']
    .map((name) => `reserved_${name} = reserved_${name} - t.held_${name}, used_${name} = used_${name} + t.${name}`)
    .join(', ')}
  FROM total t WHERE l.run_id = t.run_id AND l.place = t.place`;
