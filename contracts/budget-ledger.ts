import type { BudgetLevel, BudgetLimit, LedgerLimit } from './budget.js';

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

/** More for a place, as a person allowed it. */
export interface BudgetRaise {
  /** Unique in the run: a repeat raises nothing twice. */
  key: string;
  /** Without a leading slash, empty for the run itself. */
  place: string;
  /** The budgets that count calls there, the outermost first; none when none is counted. */
  levels: BudgetLevel[];
  limit: BudgetLimit;
  by: number;
}

/** How much more there is; `from` names the place around that had less than was wanted. */
export interface RaisedBudget {
  by: number;
  from?: string;
}
