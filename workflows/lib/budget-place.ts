import type { Budget, BudgetLevel, BudgetLimit, CallBudget } from '../../contracts/budget.js';
import type { CallResult } from '../../contracts/run-workflow.js';
import type { StopScope } from './stop-scope.js';

/** A place of the run that has a budget, from its first call until it ends. */
export class BudgetPlace {
  exceeded: BudgetLimit | undefined;
  private isUsed = false;
  private readonly hasOwnLedger: boolean;
  private readonly levels: BudgetLevel[];
  private readonly shared: CallBudget | undefined;
  private readonly forced: CallBudget | undefined;

  constructor(
    /** Without a leading slash, empty for the run itself. */
    readonly path: string,
    readonly budget: Budget,
    readonly scope: StopScope,
    /** Patterns around this place. */
    private readonly depth: number,
    readonly around: BudgetPlace | undefined,
    private readonly onExceeded: (limit: BudgetLimit) => void,
  ) {
    const { tokens, costUsd, calls, agents } = budget;
    const limits = Object.entries({ tokens, costUsd, calls, agents }).filter(([, amount]) => amount !== undefined);
    const own = limits.length === 0 ? [] : [{ place: path, limits: Object.fromEntries(limits) }];
    this.hasOwnLedger = own.length > 0;
    this.levels = [...(around?.levels ?? []), ...own];
    if (this.levels.length === 0) return;
    // One object for all calls of the place: they travel with it once a batch.
    this.shared = { levels: this.levels };
    this.forced = { levels: this.levels, isForced: true };
  }

  /** What calls of this place carry; undefined when no ledger counts them. */
  carried(isForced: boolean): CallBudget | undefined {
    return isForced ? this.forced : this.shared;
  }

  /** Its ledger holds something of one around it, which has to be given back. */
  get hasLease(): boolean {
    return this.isUsed && this.hasOwnLedger && this.levels.length > 1;
  }

  /** Calls are sent: their ledgers begin. */
  use(): void {
    this.isUsed = true;
    this.around?.use();
  }

  /**
   * The first limit stands. No new calls are made, and those under way end as they would; what goes on when its time is
   * over is canceled; a pattern that would be too deep is left out, and the rest goes on.
   */
  exceed(limit: BudgetLimit): void {
    if (limit === 'wallClock') this.scope.stop('budget');
    else if (limit !== 'depth') this.scope.drain('budget');
    if (this.exceeded !== undefined) return;
    this.exceeded = limit;
    this.onExceeded(limit);
  }

  /** Learns from the outcomes of calls which budget is used up. */
  learn(outcomes: CallResult[]): void {
    for (const { error } of outcomes) {
      if (error?.code !== 'agent.budget' || !error.budget) continue;
      const { place, limit } = error.budget;
      this.find(place.slice(1))?.exceed(limit);
    }
  }

  /** Whether a call of this round may be made, here and by every budget around. */
  allowsRound(round: number): boolean {
    if (round > (this.budget.rounds ?? Number.POSITIVE_INFINITY)) {
      this.exceed('rounds');
      return false;
    }
    return this.around?.allowsRound(round) ?? true;
  }

  /** Whether a pattern inside so many others may begin, here and by every budget around. */
  allowsDepth(depth: number): boolean {
    if (depth - this.depth >= (this.budget.depth ?? Number.POSITIVE_INFINITY)) {
      this.exceed('depth');
      return false;
    }
    return this.around?.allowsDepth(depth) ?? true;
  }

  private find(path: string): BudgetPlace | undefined {
    return this.path === path ? this : this.around?.find(path);
  }
}
