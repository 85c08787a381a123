import { CancellationScope, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type { Budget } from '../../contracts/budget.js';
import type { EventData } from '../../contracts/events.js';
import type { RunActivities } from '../../contracts/run-workflow.js';
import type { RunRef } from '../../contracts/values.js';
import { SMALL_STEP } from './activity-options.js';
import { budgetPerson } from './budget-person.js';
import { BudgetPlace } from './budget-place.js';
import type { PatternContext } from './pattern-context.js';
import { type PatternResult, result } from './pattern-result.js';
import { join } from './place-path.js';
import { NULL } from './values.js';

/** The place of a budget at `ctx`, `depth` patterns deep, inside of `outer`; `whenExceeded`: who else is to know. */
export function budgetPlace(
  ctx: PatternContext,
  run: RunRef,
  budget: Budget,
  { depth, outer }: { depth: number; outer: BudgetPlace | undefined },
  whenExceeded: () => void = () => undefined,
): BudgetPlace {
  const { path, where } = ctx;
  const scope = ctx.newScope();
  const { onExceeded, approval, ...limits } = budget;
  const person = approval && budgetPerson(ctx.branch(scope, false), approval, run, limits);
  const report = (limit: EventData['budget.exceeded']['limit'], number: number) => {
    ctx.emit(join('budget', path, 'exceeded', ...(number === 1 ? [] : [number])), 'budget.exceeded', {
      path: where,
      limit,
      onExceeded,
    });
    whenExceeded();
  };
  return new BudgetPlace(path, budget, scope, depth, outer, report, person);
}

/** Does the work of a place: while its time is not over, and giving back afterwards what its ledger holds of others. */
export async function withinBudget<T>(run: RunRef, place: BudgetPlace, work: () => Promise<T>): Promise<T> {
  const clock = startClock(place);
  try {
    return await work();
  } finally {
    clock.cancel();
    if (place.isAsking) await place.hush();
    if (place.hasLease) {
      const { orgId, runId } = run;
      await proxyLocalActivities<RunActivities>(SMALL_STEP).closeBudget({ orgId, runId, place: place.path });
    }
  }
}

/** How a pattern ended, when its budget was reached before it had completed. */
export function budgetEnd(
  { exceeded, refusal, budget, scope }: Pick<BudgetPlace, 'exceeded' | 'refusal' | 'budget' | 'scope'>,
  path: string,
  end: PatternResult,
): PatternResult {
  const isGivenUp = scope.reason !== undefined && scope.reason !== 'budget';
  if (exceeded === undefined || end.status === 'completed' || isGivenUp) return end;
  const why = refusal === undefined ? '' : `; ${refusal}`;
  const message = `the budget of ${path === '/' ? 'the run' : path} does not cover the rest: ${exceeded}${why}`;
  if (budget.onExceeded !== 'degrade') {
    const error = { code: 'agent.budget', message, path };
    return { ...end, status: 'budget_exceeded', terminationReason: 'budget', error };
  }
  const warnings = [...end.warnings, message];
  return { ...end, status: 'partial', terminationReason: 'budget', degraded: true, warnings, error: undefined };
}

/** How a pattern ends that may not begin. */
export const tooDeep = (path: string): PatternResult => ({
  ...result('budget_exceeded', 'budget', NULL),
  error: { code: 'agent.budget', message: 'the budget allows no further pattern inside', path },
});

function startClock(place: BudgetPlace): CancellationScope {
  const timer = new CancellationScope();
  if (place.wallClockMs !== undefined) keepTime(place, timer).catch(() => undefined); // Only the end of the work cancels it.
  return timer;
}

/** Where a person allows more, it counts from then on. */
async function keepTime(place: BudgetPlace, timer: CancellationScope): Promise<void> {
  for (let countedMs = place.passedMs; ;) {
    const mostMs = place.wallClockMs ?? 0;
    await timer.run(() => sleep(Math.max(1, mostMs - countedMs)));
    countedMs = mostMs;
    while ((place.wallClockMs ?? 0) <= countedMs) if (!(await place.needs('wallClock', 'its time is over'))) return;
  }
}
