import type { Candidate } from '../contracts/candidates.js';
import type { CallTarget, CandidateAgent } from '../contracts/run-workflow.js';
import { matches } from '../selection/matches.js';

/**
 * The agents behind the instances that can take a call of this target now, by name and then id. An agent whose breakers
 * are all open cannot.
 */
export function candidateAgents(instances: readonly Candidate[], target: CallTarget): CandidateAgent[] {
  const byAgent = new Map<string, Candidate[]>();
  for (const instance of instances) {
    if (instance.breaker === 'open' || !matches(instance, target)) continue;
    byAgent.set(instance.agentId, [...(byAgent.get(instance.agentId) ?? []), instance]);
  }
  return [...byAgent.values()].map(agentOf).sort(byNameThenId);
}

function agentOf(instances: Candidate[]): CandidateAgent {
  const { agentId, agent, version, labels, reputation = null } = instances[0] as Candidate;
  const meanOf = (field: 'successRate' | 'latencyMs' | 'costUsd') => mean(instances.map((instance) => instance[field]));
  return {
    agentId,
    agent,
    version,
    labels,
    successRate: meanOf('successRate'),
    latencyMs: meanOf('latencyMs'),
    costUsd: meanOf('costUsd'),
    reputation,
  };
}

function mean(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function byNameThenId(one: CandidateAgent, other: CandidateAgent): number {
  if (one.agent !== other.agent) return one.agent < other.agent ? -1 : 1;
  return one.agentId < other.agentId ? -1 : 1;
}
