import type { SelectionReport, SelectionSettings } from '../../../contracts/selection.js';
import type { RatedChoice } from '../../../database/selection.repository.js';
import { estimatePolicy } from '../../../selection/off-policy.js';

/** How likely a policy would have chosen as it was chosen. */
type Policy = (choice: RatedChoice) => number;

/** What was done, and what a random choice, expected-completion and each agent alone would have given. */
export function reportOf(
  capability: string,
  settings: SelectionSettings,
  choices: readonly RatedChoice[],
): SelectionReport {
  const estimate = (wouldBe: Policy) =>
    estimatePolicy(
      choices.map((choice) => ({
        propensity: choice.propensities[choice.agentId] ?? 0,
        wouldBe: wouldBe(choice),
        reward: worthOf(choice, settings),
      })),
    );
  const agents = [...new Set(choices.flatMap(({ propensities }) => Object.keys(propensities)))].sort();
  const policies: [string, Policy][] = [
    ['random', ({ propensities }) => 1 / Object.keys(propensities).length],
    ['expected-completion', ({ agentId, baseAgentId }) => Number(agentId === baseAgentId)],
    ...agents.map((agent): [string, Policy] => [`agent:${agent}`, ({ agentId }) => Number(agentId === agent)]),
  ];
  return {
    capability,
    choices: choices.length,
    settings,
    logged: estimate(({ agentId, propensities }) => propensities[agentId] ?? 0),
    policies: policies.map(([policy, wouldBe]) => ({ policy, ...estimate(wouldBe) })),
  };
}

function worthOf(
  { succeeded, score, costUsd, latencyMs }: RatedChoice,
  { costWeight, latencyWeight }: SelectionSettings,
): number {
  return (succeeded ? (score ?? 1) : 0) - costWeight * costUsd - (latencyWeight * latencyMs) / 1_000;
}
