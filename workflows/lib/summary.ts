import type { AgentCall } from '../../contracts/run-workflow.js';

const MAX_CHARACTERS = 120;

/** What an activity is called in the Temporal Web UI: `12 × triage`, or `triage, summariser`. Names only, no content. */
export function summarise(calls: Pick<AgentCall, 'target'>[]): string {
  const counts = new Map<string, number>();
  for (const { target } of calls) {
    const name = target.capability ?? target.agent ?? 'agent';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const text = [...counts].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`)).join(', ');
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS - 1)}…`;
}
