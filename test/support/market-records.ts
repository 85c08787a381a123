import type { AgentCall } from '../../contracts/run-workflow.js';
import type { ScriptedAgents } from './scripted-agents.js';

/** What a market of scripted agents did: its calls, whom it told what, its settlements and decisions. */
export function seenOf(agents: ScriptedAgents) {
  const calls = agents.batches.flatMap(({ terms, calls: packed }) =>
    packed.map(({ terms: place, ...call }) => ({ ...terms[place], ...call }) as AgentCall),
  );
  const answers = Object.fromEntries(
    calls.flatMap(({ kind, target, input }) =>
      kind === 'decide' ? [[target.agent ?? '', (agents.json(input) as { award: string }).award]] : [],
    ),
  );
  const settled = agents.events.flatMap((event) => (event.type === 'market.settled' ? [event.data] : []));
  const decisions = agents.events.flatMap((event) => (event.type === 'decision' ? [event.data] : []));
  const statuses = Object.fromEntries(
    decisions.flatMap(({ what, scores }) =>
      what === 'bids'
        ? (scores as { agent: string; status: string }[]).map(({ agent, status }) => [agent, status])
        : [],
    ),
  );
  return { end: agents.end, calls, answers, settled, decisions, statuses };
}
