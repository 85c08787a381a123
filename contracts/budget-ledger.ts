import type { BudgetLevel, LedgerLimit } from './budget.js';

export type LedgerAmounts = Record<LedgerLimit, number>;

/** One attempt of a call before it is made. */
export interface BudgetRequest {
  callKey: string;
  /** The budgets it is under, the outermost first. */
  levels: BudgetLevel[];
  /** Of the whole call, this attempt included; tokens, US dollars, attempts. */
  estimate: LedgerAmounts;
  agentId: string;
  isForced: boolean;
}

/** Which budget does not cover the attempt. */
export interface BudgetRefusal {
  place: string;
  limit: LedgerLimit | 'agents';
  estimate: number;
  left: number;
}
