import { CancellationScope, defineSignal, setHandler } from '@temporalio/workflow';
import type { Budget } from '../../contracts/budget.js';
import type { BudgetNeed, BudgetStanding, BulkSignals } from '../../contracts/bulk-budget.js';
import type { BudgetPlace } from '../lib/budget-place.js';
import type { PatternResult } from '../lib/pattern-result.js';
import { rootContext, signal } from '../lib/run-pattern.js';
import type { RunState } from '../lib/run-state.js';
import { watchWaits } from '../lib/waits.js';
import { budgetEnd, budgetPlace, withinBudget } from '../lib/within-budget.js';

export const bulkSignal = <Name extends keyof BulkSignals>(name: Name) => defineSignal<BulkSignals[Name], Name>(name);

/** What all items share of a budget; undefined when each of them has its own part of it. */
export function sharedBudget({ rounds: _rounds, depth: _depth, ...shared }: Budget): Budget | undefined {
  const { onExceeded: _end, approval: _who, ...amounts } = shared;
  return Object.keys(amounts).length === 0 ? undefined : shared;
}

export const limitName = (limit: BudgetNeed['limit']) => (limit === 'wallClock' ? 'wallClockMs' : limit);

/**
 * The budget over all items of a bulk run: their calls draw on one ledger, and this workflow keeps its time, asks a
 * person for more, and tells the shards how it stands.
 */
export class BulkBudget {
  readonly place: BudgetPlace;
  /** How often the shards were told. */
  told = 0;

  constructor(
    private readonly run: RunState,
    budget: Budget,
    private readonly tell: (standing: BudgetStanding) => Promise<void>,
  ) {
    this.place = budgetPlace(rootContext(run), run.input, budget, { depth: 0, outer: undefined }, () =>
      this.exceeded(),
    );
    setHandler(bulkSignal('budgetNeed'), (need) => CancellationScope.nonCancellable(() => this.need(need)));
    setHandler(signal('approval'), (verdict) => run.approvals.settle(verdict));
  }

  get isOver(): boolean {
    return this.place.exceeded !== undefined;
  }

  get standing(): BudgetStanding {
    const { limits, asks, exceeded: limit, refusal: why } = this.place;
    return {
      limits,
      ...(asks === undefined ? {} : { asked: asks }),
      ...(limit === undefined ? {} : { over: { limit, ...(why === undefined ? {} : { why }) } }),
    };
  }

  /** Does the work while its time is not over. */
  async while(work: () => Promise<unknown>): Promise<void> {
    const waits = watchWaits(this.run);
    await withinBudget(this.run.input, this.place, work);
    waits.end();
    await this.run.flush();
  }

  private async need({ limit, why, limits }: BudgetNeed): Promise<void> {
    const name = limitName(limit);
    const isOutdated = (this.place.limits[name] ?? 0) > (limits[name] ?? 0);
    if (isOutdated || this.isOver || this.place.isAsking) await this.tellAll();
    else await this.place.needs(limit, why);
  }

  /** It is used up: a person is asked now, or it is over. */
  private exceeded(): void {
    const { place } = this;
    void this.tellAll();
    // The question is open once this step is over.
    if (place.isNegotiable)
      void Promise.resolve().then(async () => {
        await place.settled();
        await this.tellAll();
      });
    else void this.run.flush();
  }

  private tellAll(): Promise<void> {
    this.told += 1;
    return this.tell(this.standing);
  }
}

/** How an item ended under the budget over all items; one that failed by itself stays so. */
export function itemEnd(place: BudgetPlace | undefined, end: PatternResult): PatternResult {
  if (!place || isOwnFailure(end)) return end;
  const { exceeded, refusal, scope, budget } = place;
  return budgetEnd({ exceeded, refusal, scope, budget: { ...budget, onExceeded: 'stop' } }, '/', end);
}

/** How all items ended together; what was canceled or overdue was not stopped by its budget. */
export function wholeEnd(place: BudgetPlace | undefined, end: PatternResult): PatternResult {
  return !place || end.status === 'canceled' || end.status === 'timed_out' ? end : budgetEnd(place, '/', end);
}

function isOwnFailure({ status, error }: PatternResult): boolean {
  if (status === 'rejected') return true;
  return status === 'failed' && error !== undefined && !['agent.budget', 'agent.canceled'].includes(error.code);
}
