import type { AgentCall, SharedTerms } from '../../contracts/run-workflow.js';

/** What a call shares with others of its batch. */
export function termsOf(call: Omit<AgentCall, 'input'>): SharedTerms {
  const { kind, target, select, outputSchema, timeout, retry, idempotent, patienceMs, budget, hedge, needs } = call;
  const { stickyKey, region, distribution } = call;
  const choosing = { select, stickyKey, region, distribution };
  return { kind, target, ...choosing, outputSchema, timeout, retry, idempotent, patienceMs, budget, hedge, needs };
}
