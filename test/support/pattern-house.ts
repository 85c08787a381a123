import type { AgentRequest } from '../../contracts/agent-protocol.js';
import type { Json } from '../../contracts/json.js';
import type { PatternName } from '../../contracts/patterns.js';
import type { Run } from '../../contracts/runs.js';

/** Who plays in a run: three agents by name. The third is asked last where there is an order. */
export interface Cast {
  agents: [string, string, string];
  /** All of them have it. */
  shared: string;
  /** What most work needs. */
  capability: string;
  /** What the last piece of work needs. */
  last: string;
}

/** One run of every pattern there is. */
export function playedBy({ shared, capability, last, agents }: Cast): Record<PatternName, object> {
  const [one, , three] = agents;
  const members = agents.map((agent) => ({ agent }));
  return {
    agent: { capability: last },
    sequential: { steps: ['a', 'b', 'c'].map((name) => ({ name, capability: name === 'c' ? last : capability })) },
    concurrent: { agents: [...agents] },
    workers: { items: [1, 2, 3], worker: { capability: shared }, group: [...agents] },
    consensus: { voters: { agents: [...agents] }, rounds: 2, share: 'votes' },
    market: { task: { capability: last }, bidDeadline: 'PT5S' },
    blackboard: { sources: members.map((source) => ({ ...source, maxActivations: 1 })), parallel: 3 },
    plan: { goal: 'g', planner: { capability }, allow: [capability, last], maxReplans: 0 },
    handoff: { targets: [{ agent: one }, { agent: three }] },
    groupChat: { participants: members, maxRounds: 3 },
    hierarchy: { manager: { agent: one } },
    adaptive: {
      candidates: [
        { name: 'alone', agent: three },
        { name: 'any', capability },
      ],
    },
  };
}

/** Does whatever a pattern asks for: bids, plans, delegations, rulings, entries of a board, hand-overs, and a 1 for work. */
export function answerTo(input: Json, { kind, run }: AgentRequest, { agents, capability, last }: Cast): Json {
  const asked = typeof input === 'object' && input !== null && !Array.isArray(input) ? input : {};
  if (kind === 'bid') return { bid: { price: 1, etaMs: 60_000 } };
  if (kind === 'plan')
    return {
      tasks: [
        { id: 'x', capability },
        { id: 'y', capability: last, dependsOn: ['x'] },
      ],
    };
  if ('maxFanOut' in asked) return { subtasks: agents.map((agent) => ({ id: agent, agent })) };
  if (kind === 'decide') return { accept: true };
  if ('board' in asked) return { writes: [{ key: run.step, value: 1 }] };
  if ('received' in asked && asked.received === null)
    return { handoff: { to: agents[2], reason: 'yours', context: 7 } };
  return 1;
}

/** How much there is of an output: outputs in a list, entries of a board, names of an object, 1 of anything else. */
export function amountOf({ output }: Pick<Run, 'output'>): number {
  if (output === null) return 0;
  if (typeof output !== 'object') return 1;
  if (Array.isArray(output)) return output.filter((value) => value !== null).length;
  const { board } = output;
  const entries = board as { board?: object } | undefined;
  return Object.keys(entries === undefined ? output : (entries.board ?? {})).length;
}
