import type { Budget, BudgetLimit } from './budget.js';

/** Limits by the names that answers of persons raise them by. */
export type BudgetAmounts = Omit<Budget, 'onExceeded' | 'approval'>;

/** The budget over all items as the bulk run's workflow tells its shards; the last that was told holds. */
export interface BudgetStanding {
  /** With what persons allowed more. */
  limits: BudgetAmounts;
  /** A person is being asked for more: new calls wait. */
  asked?: BudgetLimit;
  /** It does not cover the rest; `why`: who refused more. */
  over?: { limit: BudgetLimit; why?: string };
}

/** A shard has come to the end of it; `limits` as it knows them. */
export interface BudgetNeed {
  limit: BudgetLimit;
  why: string;
  limits: BudgetAmounts;
}

/** Signals between the workflows of a bulk run: needs go up, how it stands comes down. */
export type BulkSignals = { budgetNeed: [BudgetNeed]; budgetStanding: [BudgetStanding] };
