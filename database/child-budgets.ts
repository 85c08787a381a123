import { type Budget, LEDGER_LIMITS } from '../contracts/budget.js';
import type { ChildBudget } from '../contracts/child-runs.js';
import { AMOUNT, asJson, insertLedgers, type LedgerRow, lockLedgers, openAll, writeLedgers } from './budget-ledgers.js';
import { closeBudget } from './budget.repository.js';
import type { LedgerAmounts } from '../contracts/budget-ledger.js';
import type { Tx } from './database.js';

/** More than any budget has. */
const ALL = 1e12;

export interface ChildLease extends ChildBudget {
  orgId: string;
  /** The run that lends. */
  runId: string;
  /** The task's place in it. */
  key: string;
}

/**
 * The budget of a run below another: what it asks for itself, and of everything that the places around its task limit, at
 * most what they have left. It is leased from them until the run has ended.
 */
export async function leaseBudget(tx: Tx, lease: ChildLease, own: Budget | undefined): Promise<Budget | undefined> {
  const { levels, rounds, depth } = lease;
  const { agents, ...amounts }: Amounts = levels.length === 0 ? {} : await leaseAmounts(tx, lease, own);
  const limits = {
    ...least({ rounds, depth, agents }, own ?? {}),
    ...amounts,
    ...(own?.wallClockMs === undefined ? {} : { wallClockMs: own.wallClockMs }),
  };
  const free = LEDGER_LIMITS.filter((limit) => amounts[limit] === undefined && own?.[limit] !== undefined);
  const asked = Object.fromEntries(free.map((limit) => [limit, own?.[limit]]));
  if (Object.keys({ ...limits, ...asked }).length === 0) return undefined;
  const { onExceeded = 'stop', approval } = own ?? {};
  return { ...limits, ...asked, onExceeded, ...(approval && { approval }) };
}

/** What the places around limit, and a run that nobody waits for has to say how much of it it takes. */
export const unsaid = ({ levels }: ChildBudget, own: Budget | undefined): string[] =>
  LEDGER_LIMITS.filter(
    (limit) => own?.[limit] === undefined && levels.some(({ limits }) => limits[limit] !== undefined),
  );

/** Counts what the run below used, and gives the rest back. A repeat changes nothing. */
export async function settleLease(
  tx: Tx,
  { runId, key }: Pick<ChildLease, 'runId' | 'key'>,
  childId: string,
): Promise<void> {
  const [lent] = await lockLedgers(tx, runId, [key]);
  if (lent?.state !== 'open') return;
  const [row] = await tx<{ used: LedgerAmounts; reserved: LedgerAmounts }>(
    `SELECT ${asJson('used_')} AS used, ${asJson('reserved_')} AS reserved FROM budget_ledger
     WHERE run_id = $1 AND place = ''`,
    [childId],
  );
  if (row) {
    const used = LEDGER_LIMITS.map((limit) => row.used[limit] + row.reserved[limit]);
    await tx(
      `UPDATE budget_ledger SET ${LEDGER_LIMITS.map((limit, at) => `used_${AMOUNT[limit]} = $${at + 3}`).join(', ')}
       WHERE run_id = $1 AND place = $2`,
      [runId, key, ...used],
    );
  }
  await closeBudget(tx, runId, key);
}

type Amounts = { [limit in (typeof LEDGER_LIMITS)[number] | 'agents']?: number };

async function leaseAmounts(
  tx: Tx,
  { orgId, runId, key, levels }: ChildLease,
  own: Budget | undefined,
): Promise<Amounts> {
  const places = [...levels.map(({ place }) => place), key];
  await insertLedgers(tx, orgId, runId, places);
  const rows = await lockLedgers(tx, runId, places);
  const chain = places.map((place) => rows.find((row) => row.place === place) as LedgerRow);
  const around = chain.slice(0, -1);
  openAll(around, { levels });
  const counted = LEDGER_LIMITS.filter((limit) => around.some(({ limits }) => limits[limit] !== undefined));
  const wanted = Object.fromEntries(counted.map((limit) => [limit, own?.[limit] ?? ALL]));
  openAll(chain, { levels: [...levels, { place: key, limits: wanted }] });
  await writeLedgers(tx, runId, rows);
  const { limits: leased } = chain.at(-1) as LedgerRow;
  const agents = around.flatMap(({ limits, agents: known }) =>
    limits.agents === undefined ? [] : [Math.max(0, limits.agents - known.length)],
  );
  return { ...leased, ...(agents.length > 0 && { agents: Math.min(...agents) }) };
}

function least(given: Partial<Budget>, own: Partial<Budget>): Partial<Budget> {
  return Object.fromEntries(
    (['rounds', 'depth', 'agents'] as const).flatMap((name) => {
      const said = [given[name], own[name]].filter((amount) => amount !== undefined);
      return said.length === 0 ? [] : [[name, Math.min(...said)]];
    }),
  );
}
