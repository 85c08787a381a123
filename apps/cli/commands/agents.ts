import type { Command } from 'commander';
import type { Agent, AgentSummary } from '../../../contracts/agents.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { duration } from '../../../contracts/story/words.js';
import type { RegisterAgentInput } from '../../../sdk/client.js';
import { jsonArgument } from './json-argument.js';
import { table } from './table.js';

type Options = ConnectOptions & { output?: 'json' | 'table' };

/** `brikk agents list|get|register`. */
export function registerAgentCommands(program: Command): void {
  const agents = program.command('agents').description('who is registered, and how they do');
  const list = agents
    .command('list')
    .description('registered agents')
    .option('--capability <name>', 'only agents that offer it')
    .option('--state <state>', 'only agents in this state');
  withOutput(withApi(list)).action(
    ({ output, apiUrl, apiKey, ...filters }: Options & { capability?: string; state?: string }) =>
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
  withOutput(withApi(agents.command('get <id>').description('one agent: instances, capabilities, record'))).action(
    (id: string, { output, ...options }: Options) =>
      reporting(async () => {
        const agent = await connect(options).agents.get(id);
        console.log(output === 'json' ? JSON.stringify(agent, null, 2) : agentDetail(agent));
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
  const instances = agent.instances.map(({ endpoint, state, inFlight, maxConcurrency, breaker, lease }) => [
    endpoint,
    state,
    `${inFlight}/${maxConcurrency}`,
    breaker,
    lease.expiresAt ?? 'never',
  ]);
  const capabilities = agent.capabilities.map(({ name, description }) => {
    const record = agent.statistics.find(({ capability }) => capability === name);
    const rate = record?.successRate ?? null;
    return [
      name,
      String(record?.calls ?? 0),
      rate === null ? '–' : `${Math.round(rate * 100)} %`,
      record?.reputation == null ? '–' : record.reputation.toFixed(2),
      record?.latencyMs ? duration(record.latencyMs.p50) : '–',
      record?.latencyMs ? duration(record.latencyMs.p95) : '–',
      description ?? '',
    ];
  });
  return [
    `${agent.name} ${agent.version}  ${agent.state}  ${agent.id}`,
    ...(agent.description ? [agent.description] : []),
    '',
    table(['CAPABILITY', 'CALLS', 'SUCCESS', 'REPUTATION', 'P50', 'P95', 'DESCRIPTION'], capabilities),
    '',
    instances.length === 0
      ? 'No instances.'
      : table(['INSTANCE', 'STATE', 'BUSY', 'BREAKER', 'LEASE UNTIL'], instances),
  ].join('\n');
}
