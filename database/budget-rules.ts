import { LEDGER_LIMITS, type BudgetLevel, type LedgerLimit } from '../contracts/budget.js';
import type { BudgetRefusal, BudgetRequest, LedgerAmounts, RaisedBudget } from '../contracts/budget-ledger.js';

/** What one place of a run may use and has used. */
export interface Ledger {
  place: string;
  limits: BudgetLevel['limits'];
  used: LedgerAmounts;
  /** Estimates of calls under way, and leases of places inside. */
  reserved: LedgerAmounts;
  /** Ids of those that were called, where they are limited. */
  agents: string[];
  /** What it holds of the places around it, and goes back when it ends. */
  leases: { limit: LedgerLimit; from: string; amount: number }[];
}

/** What a call holds at one place; only amounts that the place limits. */
export interface Reservation {
  callKey: string;
  place: string;
  amounts: Partial<LedgerAmounts>;
  isSettled: boolean;
}

/** Sums of cents are not exact in binary. */
const ROUNDING = 1e-9;

const nothing = (): LedgerAmounts => ({ tokens: 0, costUsd: 0, calls: 0 });

export const leftOf = ({ limits, used, reserved }: Ledger, limit: LedgerLimit): number =>
  (limits[limit] ?? Number.POSITIVE_INFINITY) - used[limit] - reserved[limit];

/** The innermost of the places that limits it: what a call uses is counted there, and only there. */
const holderOf = (chain: Ledger[], limit: LedgerLimit): Ledger | undefined =>
  chain.findLast(({ limits }) => limits[limit] !== undefined);

/**
 * The ledger of a place that begins below `around`, the outermost first. Its limits are leased from them: at most what
 * is left there, so that the places inside never have more than those around them.
 */
export function openLedger({ place, limits: wanted }: BudgetLevel, around: Ledger[]): Ledger {
  const ledger: Ledger = {
    place,
    limits: { ...wanted },
    used: nothing(),
    reserved: nothing(),
    agents: [],
    leases: [],
  };
  for (const limit of LEDGER_LIMITS) {
    const holder = holderOf(around, limit);
    const asked = wanted[limit];
    if (asked === undefined || !holder) continue;
    const amount = Math.max(0, Math.min(asked, leftOf(holder, limit)));
    holder.reserved[limit] += amount;
    ledger.limits[limit] = amount;
    ledger.leases.push({ limit, from: holder.place, amount });
  }
  return ledger;
}

/**
 * More for an open place, leased as its limits were: at most what is left around it. Says how much that is, and which
 * place had less than was wanted.
 */
export function raiseLedger(
  ledger: Ledger,
  around: Ledger[],
  { limit, by }: { limit: LedgerLimit | 'agents'; by: number },
): RaisedBudget {
  const standing = ledger.limits[limit];
  if (standing === undefined) return { by: 0 };
  const holder = limit === 'agents' ? undefined : holderOf(around, limit);
  if (limit === 'agents' || !holder) {
    ledger.limits[limit] = standing + by;
    return { by };
  }
  const amount = Math.max(0, Math.min(by, leftOf(holder, limit)));
  ledger.limits[limit] = standing + amount;
  holder.reserved[limit] += amount;
  // One lease a limit: what was used goes back once.
  ledger.leases = ledger.leases.map((lease) =>
    lease.limit === limit ? { ...lease, amount: lease.amount + amount } : lease,
  );
  return amount < by - ROUNDING ? { by: amount, from: holder.place } : { by: amount };
}

/** Gives back what the place did not use. What calls still hold counts as used: nobody will wait for their answers. */
export function closeLedger(ledger: Ledger, ledgers: ReadonlyMap<string, Ledger>): void {
  for (const { limit, from, amount } of ledger.leases) {
    const holder = ledgers.get(from);
    if (!holder) continue;
    holder.reserved[limit] -= amount;
    holder.used[limit] += ledger.used[limit] + ledger.reserved[limit];
  }
  ledger.leases = [];
}

/**
 * Reserves what the attempt may use, at the places of `chain`, or says which budget does not cover it and changes
 * nothing. `held` is what the call holds already: an attempt more takes what is missing, a repeat takes nothing.
 */
export function admit(chain: Ledger[], held: Reservation[], request: BudgetRequest): BudgetRefusal | Reservation[] {
  if (held.some(({ isSettled }) => isSettled)) return [];
  const { callKey, estimate, agentId, isForced } = request;
  const stranger = chain.find(
    ({ limits, agents }) => limits.agents !== undefined && !agents.includes(agentId) && agents.length >= limits.agents,
  );
  if (stranger && !isForced) return { place: stranger.place, limit: 'agents', estimate: 1, left: 0 };
  const wanted = new Map<Ledger, Partial<LedgerAmounts>>();
  for (const limit of LEDGER_LIMITS) {
    const holder = holderOf(chain, limit);
    if (!holder) continue;
    const has = held.find(({ place }) => place === holder.place)?.amounts[limit] ?? 0;
    const more = Math.max(0, estimate[limit] - has);
    const left = leftOf(holder, limit);
    if (more > left + ROUNDING && !isForced) return { place: holder.place, limit, estimate: more, left };
    wanted.set(holder, { ...wanted.get(holder), [limit]: has + more });
  }
  for (const ledger of chain)
    if (ledger.limits.agents !== undefined && !ledger.agents.includes(agentId)) ledger.agents.push(agentId);
  return [...wanted].map(([ledger, amounts]) => {
    const before = held.find(({ place }) => place === ledger.place)?.amounts ?? {};
    for (const limit of LEDGER_LIMITS) ledger.reserved[limit] += (amounts[limit] ?? 0) - (before[limit] ?? 0);
    return { callKey, place: ledger.place, amounts, isSettled: false };
  });
}
