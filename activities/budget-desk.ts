import { setImmediate } from 'node:timers/promises';
import type { LedgerLimit } from '../contracts/budget.js';
import type { BudgetRefusal, BudgetRequest } from '../contracts/budget-ledger.js';
import type { Candidate } from '../contracts/candidates.js';
import type { AgentHistories } from './agent-histories.js';
import type { Budgets } from './dependencies.js';

interface Waiting {
  request: BudgetRequest;
  resolve: (refusal: BudgetRefusal | undefined) => void;
  reject: (error: unknown) => void;
}

/** What a call is taken to use when nothing is known of its agent. */
export type UsageEstimate = Record<Exclude<LedgerLimit, 'calls'>, number>;
export const DEFAULT_ESTIMATE: UsageEstimate = { tokens: 1_000, costUsd: 0.001 };

/** Where calls ask for their share of a budget: those of one run that ask together share a transaction. */
export class BudgetDesk {
  private readonly queues = new Map<string, Waiting[]>();

  constructor(
    private readonly budgets: Pick<Budgets, 'reserve'>,
    private readonly histories: AgentHistories,
    private readonly fallback: UsageEstimate,
  ) {}

  /** The budget that does not cover the attempt; undefined when it is reserved. */
  reserve(orgId: string, runId: string, request: BudgetRequest): Promise<BudgetRefusal | undefined> {
    return new Promise((resolve, reject) => {
      const name = `${orgId} ${runId}`;
      const queue = this.queues.get(name);
      if (queue) return void queue.push({ request, resolve, reject });
      this.queues.set(name, [{ request, resolve, reject }]);
      void this.serve(name, orgId, runId);
    });
  }

  /** Declared, else what 95 % of the agent's answers kept to, else the default. */
  async estimate(orgId: string, candidate: Candidate, limits: ReadonlySet<string>): Promise<UsageEstimate> {
    const { costUsd } = candidate;
    const isKnown = !limits.has('tokens') && (!limits.has('costUsd') || costUsd !== null);
    const history = isKnown ? undefined : await this.histories.find(orgId, candidate);
    return {
      tokens: history?.tokens ?? this.fallback.tokens,
      costUsd: costUsd ?? history?.costUsd ?? this.fallback.costUsd,
    };
  }

  private async serve(name: string, orgId: string, runId: string): Promise<void> {
    await setImmediate();
    for (let batch = this.queues.get(name) ?? []; batch.length > 0; batch = this.queues.get(name) ?? []) {
      this.queues.set(name, []);
      try {
        const answers = await this.budgets.reserve(
          orgId,
          runId,
          batch.map(({ request }) => request),
        );
        batch.forEach(({ resolve }, place) => resolve(answers[place]));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.queues.delete(name);
  }
}
