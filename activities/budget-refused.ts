import type { BudgetRefusal } from '../contracts/budget-ledger.js';
import { BrikkError } from '../contracts/errors.js';

/** A budget does not cover the attempt: it is not made. */
export class BudgetRefused extends BrikkError {
  constructor(readonly refusal: BudgetRefusal) {
    super('agent.budget', messageOf(refusal));
  }
}

function messageOf({ place, limit, estimate, left }: BudgetRefusal): string {
  const whose = place === '' ? 'the budget of the run' : `the budget of /${place}`;
  if (limit === 'agents') return `${whose} allows no further agent`;
  const amount = (value: number) => Math.max(0, Math.round(value * 1e6) / 1e6);
  return `${whose} has ${amount(left)} ${limit} left, and the call may take ${amount(estimate)}`;
}
