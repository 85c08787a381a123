import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Agent, AgentSummary } from '../../../contracts/agents.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { duration, money, percent } from '../../../contracts/story/words.js';
import type { ListAgents, RegisterAgentInput } from '../../../sdk/client.js';
import { agentOf, breakersOf, drain, liveTable, probe, probesTable } from './agent-live.js';
import { registerAgentSearch } from './agent-search.js';
import { jsonArgument } from './json-argument.js';
import { wholeNumber, work } from './resource-options.js';
import { table } from './table.js';

type Options = ConnectOptions & { output?: 'json' | 'table' };
type WatchOptions = Options & { capability?: string; every: number; times?: number };

const REFRESH_S = 2;

/** `brikk agents list|search|register|get|drain|probe|watch`. */
export function registerAgentCommands(program: Command): void {
  const agents = program.command('agents').description('who is registered, and how they do');
  const list = agents
    .command('list')
    .description('registered agents')
    .option('--capability <name>', 'only agents that offer it')
    .option('--state <state>', 'only agents in this state')
    .option('--label <label>', 'only agents with this label: key=value, or a key alone');
  withOutput(withApi(list)).action(
    ({ output, apiUrl, apiKey, ...filters }: Options & Pick<ListAgents, 'capability' | 'state' | 'label'>) =>
      reporting(async () => {
        const page = await connect({ apiUrl, apiKey }).agents.list({ limit: 200, ...filters });
        console.log(output === 'json' ? JSON.stringify(page, null, 2) : agentsTable(page.items));
      }),
  );
  withOutput(withApi(agents.command('register').description('an agent that Brikk speaks to, such as a language model')))
    .requiredOption('--file <file>', 'JSON or YAML: name, version, protocol, endpoint, capabilities, …')
    .action(({ file, output, ...options }: Options & { file: string }) =>
      reporting(async () => {
        const agent = jsonArgument('--file', `@${file.replace(/^@/, '')}`) as RegisterAgentInput;
        const { signingSecret: _shownToAgents, ...registered } = await connect(options).agents.register(agent);
        const text = `${agent.name} ${agent.version} is ${registered.state}  ${registered.id}`;
        console.log(output === 'json' ? JSON.stringify(registered, null, 2) : text);
      }),
    );
  registerAgentSearch(agents);
  const command = (usage: string, description: string) =>
    withOutput(withApi(agents.command(usage).description(description)));
  command('get <agent>', 'one agent by name or id: instances, capabilities, record').action(
    (idOrName: string, options: Options) =>
      work(options, async (client) => {
        const agent = await agentOf(client, idOrName);
        return { value: agent, text: agentDetail(agent) };
      }),
  );
  command('drain <agent> [instance]', 'no new calls for its instances; what they are doing they may finish').action(
    (idOrName: string, instance: string | undefined, options: Options) =>
      work(options, async (client) => {
        const drained = await drain(client, await agentOf(client, idOrName), instance);
        return { value: { drained }, text: drained.map((endpoint) => `${endpoint} gets no new calls.`).join('\n') };
      }),
  );
  command('probe <agent>', 'ask each instance how it is, from here; fails when one is not well').action(
    (idOrName: string, options: Options) =>
      work(options, async (client) => {
        const probes = await probe(await agentOf(client, idOrName));
        if (probes.length === 0 || probes.some(({ healthy }) => !healthy)) process.exitCode = 1;
        return { value: { instances: probes }, text: probesTable(probes) };
      }),
  );
  command('watch', 'live instances with states and breakers, anew every few seconds until Ctrl-C')
    .option('--capability <name>', 'only agents that offer it')
    .option('--every <seconds>', 'seconds between two looks', wholeNumber, REFRESH_S)
    .option('--times <n>', 'so many looks, then end', wholeNumber)
    .action(({ capability, every, times, ...options }: WatchOptions) =>
      reporting(async () => {
        const client = connect(options);
        for (let look = 1; ; look += 1) {
          const { items } = await client.agents.list({ limit: 200, ...(capability !== undefined && { capability }) });
          const all = await Promise.all(items.map(({ id }) => client.agents.get(id)));
          if (process.stdout.isTTY && options.output !== 'json') console.clear();
          console.log(options.output === 'json' ? JSON.stringify(all) : liveTable(all));
          if (look === times) return;
          await setTimeout(every * 1_000);
        }
      }),
    );
}

export function agentsTable(agents: AgentSummary[]): string {
  if (agents.length === 0)
    return 'No agents. Serve one with serveAgent of brikk/agent, or start Brikk with its samples.';
  const rows = agents.map(({ id, name, version, state, instances, capabilities }) => [
    name,
    version,
    state,
    String(instances),
    capabilities.join(', '),
    id,
  ]);
  return table(['AGENT', 'VERSION', 'STATE', 'INSTANCES', 'CAPABILITIES', 'ID'], rows);
}

export function agentDetail(agent: Agent): string {
  const instances = agent.instances.map((instance) => [
    instance.endpoint,
    instance.state,
    instance.upMs === null ? '–' : duration(instance.upMs),
    `${instance.inFlight}/${instance.maxConcurrency}`,
    breakersOf(instance),
    instance.lease.expiresAt ?? 'never',
  ]);
  const capabilities = agent.capabilities.map(({ name, description }) => {
    const record = agent.statistics.find(({ capability }) => capability === name);
    const rate = record?.successRate ?? null;
    return [
      name,
      String(record?.calls ?? 0),
      rate === null ? '–' : percent(rate),
      record?.reputation == null ? '–' : record.reputation.toFixed(2),
      record?.latencyMs ? duration(record.latencyMs.p50) : '–',
      record?.latencyMs ? duration(record.latencyMs.p95) : '–',
      money(record?.costUsd ?? 0),
      String(record?.tokens ?? 0),
      description ?? '',
    ];
  });
  return [
    `${agent.name} ${agent.version}  ${agent.state}  ${agent.id}`,
    ...(agent.description ? [agent.description] : []),
    '',
    table(
      ['CAPABILITY', 'CALLS', 'SUCCESS', 'REPUTATION', 'P50', 'P95', 'COST', 'TOKENS', 'DESCRIPTION'],
      capabilities,
    ),
    '',
    instances.length === 0
      ? 'No instances.'
      : table(['INSTANCE', 'STATE', 'UP', 'BUSY', 'BREAKER', 'LEASE UNTIL'], instances),
  ].join('\n');
}
