import type { CallBudget } from '../contracts/budget.js';
import type { Candidate } from '../contracts/candidates.js';
import { BudgetRefused } from './budget-refused.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import { whileUnavailable } from './while-unavailable.js';

/** What one call holds of the budgets it is under. */
export class CallReserve {
  hasReserved = false;

  constructor(
    private readonly room: Pick<CallRoom, 'budgets' | 'slots'>,
    private readonly terms: CallTerms,
    private readonly budget: CallBudget,
  ) {}

  /**
   * Before the attempt of this number, from 1, at this candidate: why it may not be made, and then the slot that was taken
   * for it is given back.
   */
  async take(candidate: Candidate, number: number): Promise<BudgetRefused | undefined> {
    const { batch, call, signal } = this.terms;
    const { levels, isForced = false } = this.budget;
    const limits = new Set(levels.flatMap((level) => Object.keys(level.limits)));
    try {
      const refusal = await whileUnavailable(signal, async () => {
        const estimate = { ...(await this.room.budgets.estimate(batch.orgId, candidate, limits)), calls: number };
        const request = { callKey: call.key, levels, estimate, agentId: candidate.agentId, isForced };
        return this.room.budgets.reserve(batch.orgId, batch.runId, request);
      });
      if (refusal) throw new BudgetRefused(refusal);
      this.hasReserved = true;
      return undefined;
    } catch (error) {
      this.room.slots.release(candidate.instanceId);
      if (error instanceof BudgetRefused) return error;
      throw error;
    }
  }
}
