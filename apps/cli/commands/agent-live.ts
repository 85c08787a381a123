import type { Agent, AgentInstance } from '../../../contracts/agents.js';
import { duration, money, percent } from '../../../contracts/story/words.js';
import type { BrikkClient } from '../../../sdk/client.js';
import { UserError } from '../user-error.js';
import { table } from './table.js';

const PROBE_MS = 3_000;
const MOST_AGENTS = 200;

/** The agent by its id, or by its name where one version alone has it. */
export async function agentOf(client: BrikkClient, idOrName: string): Promise<Agent> {
  const { items } = await client.agents.list({ limit: MOST_AGENTS });
  const named = items.filter(({ name }) => name === idOrName);
  if (named.length > 1)
    throw new UserError(`${idOrName} has ${named.length} versions: say the id of one, see brikk agents list.`);
  return client.agents.get(named[0]?.id ?? idOrName);
}

/** Takes instances out of selection; what they are doing they may finish. Gives their endpoints. */
export async function drain(client: BrikkClient, agent: Agent, instanceId?: string): Promise<string[]> {
  const live = agent.instances.filter(({ id, state }) => (instanceId ?? id) === id && state !== 'shutdown');
  if (live.length === 0)
    throw new UserError(
      instanceId === undefined
        ? `${agent.name} has no live instance.`
        : `${agent.name} has no live instance ${instanceId}.`,
    );
  for (const { id } of live) await client.agents.drain(agent.id, id);
  return live.map(({ endpoint }) => endpoint);
}

export interface Probed {
  endpoint: string;
  healthy: boolean;
  tookMs: number;
  says: string;
}

/** Asks each live instance how it is, from here: `GET {endpoint}/health`; an agent without that route counts as healthy. */
export function probe({
  name,
  protocol,
  instances,
}: Pick<Agent, 'name' | 'protocol' | 'instances'>): Promise<Probed[]> {
  if (protocol !== 'http') throw new UserError(`${name} speaks ${protocol}, which has no route for its health.`);
  return Promise.all(instances.filter(({ state }) => state !== 'shutdown').map(probeInstance));
}

async function probeInstance({ endpoint }: Pick<AgentInstance, 'endpoint'>): Promise<Probed> {
  const startedAt = performance.now();
  const end = (healthy: boolean, says: string) => ({
    endpoint,
    healthy,
    tookMs: Math.round(performance.now() - startedAt),
    says,
  });
  try {
    const answer = await fetch(`${endpoint.replace(/\/$/, '')}/health`, { signal: AbortSignal.timeout(PROBE_MS) });
    await answer.body?.cancel();
    return end(answer.ok || answer.status === 404, `HTTP ${answer.status}`);
  } catch (error) {
    const { cause, message } = error as Error;
    return end(false, cause instanceof Error ? cause.message : message);
  }
}

export function probesTable(probes: readonly Probed[]): string {
  if (probes.length === 0) return 'No live instances.';
  const rows = probes.map(({ endpoint, healthy, tookMs, says }) => [
    endpoint,
    healthy ? 'healthy' : 'out of reach',
    duration(tookMs),
    says,
  ]);
  return table(['INSTANCE', 'HEALTH', 'TOOK', 'SAYS'], rows);
}

/** Every live instance with its state, its breaker and its record. */
export function liveTable(agents: readonly Agent[]): string {
  const rows = agents.flatMap((agent) => {
    const live = agent.instances.filter(({ state }) => state !== 'shutdown');
    return live.map((instance, place) => [
      place === 0 ? `${agent.name} ${agent.version}` : '',
      instance.endpoint,
      instance.draining ? 'draining' : instance.state,
      instance.upMs === null ? '–' : duration(instance.upMs),
      `${instance.inFlight}/${instance.maxConcurrency}`,
      breakersOf(instance),
      ...recordOf(instance),
    ]);
  });
  if (rows.length === 0) return 'No live agents.';
  const columns = ['AGENT', 'INSTANCE', 'STATE', 'UP', 'BUSY', 'BREAKER', 'CALLS', 'SUCCESS', 'P50', 'P95'];
  return table([...columns, 'COST', 'TOKENS'], rows);
}

/** The instance's, and those of its capabilities that are not closed. */
export function breakersOf({ breaker, statistics }: Pick<AgentInstance, 'breaker' | 'statistics'>): string {
  const own = statistics.filter((one) => one.breaker !== 'closed');
  return [breaker, ...own.map((one) => `${one.capability} ${one.breaker}`)].join(', ');
}

/** Over all capabilities; latencies of the one that is called most. */
function recordOf({ statistics }: Pick<AgentInstance, 'statistics'>): string[] {
  const sum = (of: (one: AgentInstance['statistics'][number]) => number) =>
    statistics.reduce((total, one) => total + of(one), 0);
  const calls = sum((one) => one.calls);
  const latency = statistics.toSorted((a, b) => b.calls - a.calls)[0]?.latencyMs;
  return [
    String(calls),
    calls === 0 ? '–' : percent(sum((one) => one.calls * (one.successRate ?? 0)) / calls),
    latency ? duration(latency.p50) : '–',
    latency ? duration(latency.p95) : '–',
    money(sum((one) => one.costUsd)),
    String(sum((one) => one.tokens)),
  ];
}
