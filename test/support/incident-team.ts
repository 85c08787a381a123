import type { AgentRequest } from '../../contracts/agent-protocol.js';
import type { Json } from '../../contracts/json.js';
import type { Member } from '../../examples/incident-team/team.js';
import { TEAM } from '../../examples/incident-team/team.js';
import type { LaunchedBrikk } from './brikk.js';
import { CountingAgent } from './counting-agent.js';

/** The agents of the example's team, each in a server that counts its calls. */
export class IncidentTeam {
  private constructor(private readonly agents: readonly CountingAgent[]) {}

  static async register(brikk: LaunchedBrikk): Promise<IncidentTeam> {
    const agents = new Map<string, CountingAgent>();
    for (const member of TEAM)
      agents.set(member.agent, await CountingAgent.listen(30, (input, { kind }) => answerOf(member, kind, input)));
    for (const { agent, capability } of TEAM)
      await brikk.register(agent, capability, agents.get(agent)!.url, { maxConcurrency: 4 });
    return new IncidentTeam([...agents.values()]);
  }

  /** How often each call of a run was made, by its key. */
  callsOf(runId: string): Map<string, number> {
    const all = this.agents.flatMap(({ askedAt }) => [...askedAt]);
    return new Map(
      all.filter(([key]) => key.startsWith(runId)).map(([key, times]) => [key.slice(runId.length + 1), times.length]),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.close()));
  }
}

function answerOf({ task, bid, plan, decide }: Member, kind: AgentRequest['kind'], input: Json): Json {
  switch (kind) {
    case 'task':
      return task(input) as Json;
    case 'bid':
      return { bid: { ...bid!(input) } } as Json;
    case 'plan':
      return plan!(input) as Json;
    case 'decide':
      return (decide?.(input) ?? null) as Json;
  }
}
