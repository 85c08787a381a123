import type { Budget } from '../../../contracts/budget.js';
import type { HierarchyParams } from '../../../contracts/hierarchy.js';

/** What is counted down, so that parts of it add up. */
const AMOUNTS = ['tokens', 'costUsd', 'calls'] as const;
/** The manager decides and reports: it keeps a part of its own. */
const MANAGER_WEIGHT = 1;

/**
 * The part of each subtask of what its team may use; undefined where they share it as they need it. Parts add up to no
 * more than the whole: tokens and calls are rounded down.
 */
export function splitBudget(
  split: HierarchyParams['budgetSplit'],
  budget: Budget | undefined,
  weights: readonly number[],
): (Budget | undefined)[] {
  const amounts = AMOUNTS.filter((name) => budget?.[name] !== undefined);
  if (split === 'onDemand' || !budget || amounts.length === 0) return weights.map(() => undefined);
  const parts = split === 'equal' ? weights.map(() => 1) : weights;
  const whole = parts.reduce((sum, part) => sum + part, MANAGER_WEIGHT);
  return parts.map((part) => {
    const shares = amounts.map((name) => {
      const share = ((budget[name] ?? 0) * part) / whole;
      return [name, name === 'costUsd' ? share : Math.floor(share)];
    });
    const { onExceeded, approval } = budget;
    return { ...Object.fromEntries(shares), onExceeded, ...(approval && { approval }) };
  });
}
