import { LEDGER_LIMITS } from '../contracts/budget.js';
import type { BudgetRequest, LedgerAmounts } from '../contracts/budget-ledger.js';
import { insertLedgers, type LedgerRow, lockLedgers, openAll, writeLedgers } from './budget-ledgers.js';
import { closeLedger, type Ledger, leftOf, type Reservation } from './budget-rules.js';
import type { Tx } from './database.js';

/** Sums of cents are not exact in binary. */
const ROUNDING = 1e-9;

/** The budget of a bulk run, of which the ledger of a shard leases what its calls need. */
export class WholeBudget {
  private constructor(
    private readonly tx: Tx,
    private readonly runId: string,
    private readonly ledger: LedgerRow,
  ) {}

  /** Locks it, behind the ledgers of the shard as everywhere; undefined when these calls are of no shard. */
  static async lock(tx: Tx, orgId: string, [request]: BudgetRequest[]): Promise<WholeBudget | undefined> {
    const level = request?.levels[0];
    if (level?.from === undefined) return undefined;
    const { from, limits } = level;
    let [ledger] = await lockLedgers(tx, from, ['']);
    if (!ledger) {
      await insertLedgers(tx, orgId, from, ['']);
      [ledger] = await lockLedgers(tx, from, ['']);
    }
    openAll([ledger as LedgerRow], { levels: [{ place: '', limits }] });
    return new WholeBudget(tx, from, ledger as LedgerRow);
  }

  /** Before the places of the request open and it is admitted: what the shard does not have yet, if it is there. */
  lend(chain: LedgerRow[], own: Reservation[], request: BudgetRequest): void {
    const [root] = chain;
    if (root)
      for (const limit of LEDGER_LIMITS) lend(root, this.ledger, { limit, ...needOf(chain, own, request, limit) });
  }

  write(): Promise<void> {
    return writeLedgers(this.tx, this.runId, [this.ledger]);
  }
}

interface Need {
  amount: number;
  /** A call is made or not; a place inside opens with what there is. */
  isWhole: boolean;
}

function needOf(
  chain: LedgerRow[],
  own: Reservation[],
  { levels, estimate }: BudgetRequest,
  limit: keyof LedgerAmounts,
): Need {
  const limiting = levels.flatMap(({ limits }, depth) => (limits[limit] === undefined ? [] : [depth]));
  if (limiting[0] !== 0) return { amount: 0, isWhole: true };
  const inside = limiting[1];
  if (inside === undefined) {
    const has = own.find(({ place }) => place === '')?.amounts[limit] ?? 0;
    return { amount: estimate[limit] - has, isWhole: true };
  }
  const isNew = chain[inside]?.state === 'new';
  return { amount: isNew ? (levels[inside]?.limits[limit] ?? 0) : 0, isWhole: false };
}

/** Moves what `to` lacks from `from`; its lease grows by it. */
export function lend(
  to: Ledger,
  from: Ledger,
  { limit, amount, isWhole }: Need & { limit: keyof LedgerAmounts },
): void {
  if (to.limits[limit] === undefined) return;
  const missing = amount - leftOf(to, limit);
  const available = Math.max(0, leftOf(from, limit));
  if (missing <= 0 || available === 0 || (isWhole && missing > available + ROUNDING)) return;
  const lent = Math.min(missing, available);
  to.limits[limit] += lent;
  from.reserved[limit] += lent;
  const lease = to.leases.find((one) => one.limit === limit);
  if (lease) lease.amount += lent;
  else to.leases.push({ limit, from: '', amount: lent });
}

/** The shard has ended: what it did not use goes back to its bulk run. A repeat changes nothing. */
export async function closeShardBudget(tx: Tx, runId: string, bulkRunId: string): Promise<void> {
  const [ledger] = await lockLedgers(tx, runId, ['']);
  if (ledger?.state !== 'open') return;
  const whole = await lockLedgers(tx, bulkRunId, ['']);
  closeLedger(ledger, new Map(whole.map((row) => [row.place, row])));
  ledger.state = 'closed';
  await writeLedgers(tx, runId, [ledger]);
  await writeLedgers(tx, bulkRunId, whole);
  await tx(`UPDATE budget_reservation SET is_settled = true WHERE run_id = $1 AND place = ''`, [runId]);
}

/** Of every shard of a bulk run that has a budget. */
export async function closeShardBudgets(tx: Tx, bulkRunId: string): Promise<void> {
  const shards = await tx<{ runId: string }>(
    `SELECT s.shard_run_id AS "runId" FROM bulk_shard s JOIN run ON run.id = s.run_id
     WHERE s.run_id = $1 AND run.budget IS NOT NULL ORDER BY s.shard`,
    [bulkRunId],
  );
  for (const { runId } of shards) await closeShardBudget(tx, runId, bulkRunId);
}
