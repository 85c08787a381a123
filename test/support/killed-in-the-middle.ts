import type { Run } from '../../contracts/runs.js';
import type { LaunchedBrikk } from './brikk.js';
import type { CountingAgent } from './counting-agent.js';

/** The run with its worker killed (-9) once the agent was called `afterCalls` times; `calls` counts all of them. */
export async function killedInTheMiddle(
  brikk: LaunchedBrikk,
  agent: CountingAgent,
  body: Parameters<LaunchedBrikk['start']>[0],
  afterCalls: number,
): Promise<{ run: Run; calls: number }> {
  const before = agent.calls;
  const { workers } = await brikk.status();
  const { id } = await brikk.start(body);
  await agent.reached(before + afterCalls);
  process.kill(workers[0]!.pid, 'SIGKILL');
  const run = await brikk.finished(id);
  return { run, calls: agent.calls - before };
}

/** What of a run must be the same whether or not a process died in it: its end, its decisions, who did what. */
export const accountOf = ({ status, output, terminationReason, rounds, decisions, contributions }: Run) => ({
  end: [status, output, terminationReason, rounds],
  decisions: decisions.map(({ at: _at, ...decision }) => decision),
  calls: contributions.map(({ callKey, role, round }) => [callKey, role, round]),
});
