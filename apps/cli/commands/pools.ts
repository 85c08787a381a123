import type { Command } from 'commander';
import { duration } from '../../../contracts/story/words.js';
import type { AgentTemplate, Pool } from '../../../contracts/pools.js';
import type { PutAgentTemplateInput, PutPoolInput } from '../../../sdk/client.js';
import { withApi, withOutput } from './connect.js';
import { jsonArgument } from './json-argument.js';
import { type ResourceOptions, wholeNumber, work } from './resource-options.js';
import { ago, table } from './table.js';

const COUNTS = ['min', 'max', 'size', 'backups'] as const;
type CreateOptions = ResourceOptions & { file?: string; template?: string } & Partial<
    Record<(typeof COUNTS)[number], number>
  >;

/** `brikk pools …`: processes of agents, as many as there is to do. */
export function registerPoolCommands(program: Command): void {
  const pools = program.command('pools').description('processes of agents, as many as there is to do');
  const command = (usage: string, description: string, of = pools) =>
    withOutput(withApi(of.command(usage).description(description)));

  command('list', 'pools, with what they have to do').action((options: ResourceOptions) =>
    work(options, async (client) => {
      const page = await client.pools.list({ limit: 200 });
      return { value: page, text: poolsTable(page.items) };
    }),
  );
  command('get <name>', 'one pool with its members').action((name: string, options: ResourceOptions) =>
    work(options, async (client) => {
      const pool = await client.pools.get(name);
      return { value: pool, text: poolDetail(pool) };
    }),
  );
  command('create <name>', 'create a pool, or change its terms')
    .option('--file <file>', 'JSON or YAML: template, min, max, backups, scaleUp, …')
    .option('--template <name>', 'how its processes are started: brikk pools templates')
    .option('--min <n>', 'members at least; 1 unless said', wholeNumber)
    .option('--max <n>', 'members at most; 8 unless said', wholeNumber)
    .option('--size <n>', 'members to begin with; 4 unless said', wholeNumber)
    .option('--backups <n>', 'warm ones beside it', wholeNumber)
    .action((name: string, { file, template, ...options }: CreateOptions) =>
      work(options, async (client) => {
        const counts = Object.fromEntries(
          COUNTS.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])),
        );
        const terms = { ...(file ? (readFile(file) as object) : {}), ...(template && { template }), ...counts };
        const pool = await client.pools.put(name, terms as PutPoolInput);
        return { value: pool, text: poolDetail(pool) };
      }),
    );
  command('scale <name> <size>', 'give it another size, from its min to its max').action(
    (name: string, size: string, options: ResourceOptions) =>
      work(options, async (client) => {
        const pool = await client.pools.scale(name, wholeNumber(size));
        return { value: pool, text: `${name} is to have ${pool.size} members.` };
      }),
  );
  command('delete <name>', 'its members finish what they have in hand').action(
    (name: string, options: ResourceOptions) =>
      work(options, async (client) => {
        await client.pools.delete(name);
        return { value: { name, deleted: true }, text: `${name} is deleted once its members have nothing in hand.` };
      }),
  );

  const templates = pools.command('templates').description('how the processes of pools are started');
  command('list', 'templates', templates).action((options: ResourceOptions) =>
    work(options, async (client) => {
      const page = await client.agentTemplates.list({ limit: 200 });
      return { value: page, text: templatesTable(page.items) };
    }),
  );
  command('put <name>', 'create a template, or a new version of one', templates)
    .requiredOption('--file <file>', 'JSON or YAML: agent, module or command, env, recovery, …')
    .action((name: string, { file, ...options }: ResourceOptions & { file: string }) =>
      work(options, async (client) => {
        const template = await client.agentTemplates.put(name, readFile(file) as PutAgentTemplateInput);
        return { value: template, text: templatesTable([template]) };
      }),
    );
  command('delete <name>', 'delete one that no pool is made by', templates).action(
    (name: string, options: ResourceOptions) =>
      work(options, async (client) => {
        await client.agentTemplates.delete(name);
        return { value: { name, deleted: true }, text: `${name} is deleted.` };
      }),
  );
}

const readFile = (file: string) => jsonArgument('--file', `@${file.replace(/^@/, '')}`);

export function poolsTable(pools: readonly Pool[]): string {
  if (pools.length === 0)
    return 'There are no pools. Create one with `brikk pools create <name> --template <template>`.';
  const rows = pools.map((pool) => [
    pool.name,
    pool.template,
    pool.state,
    `${pool.total}/${pool.size}`,
    `${pool.min}–${pool.max}`,
    String(pool.busy),
    String(pool.queue),
    pool.avgResponseMs === null ? '–' : duration(pool.avgResponseMs),
    `${pool.throughputPerS}/s`,
    pool.lastScale
      ? `${pool.lastScale.from} → ${pool.lastScale.to} ${pool.lastScale.reason}, ${ago(pool.lastScale.at)}`
      : '–',
  ]);
  const head = ['POOL', 'TEMPLATE', 'STATE', 'MEMBERS', 'RANGE', 'BUSY', 'WAITING', 'RESPONSE', 'CALLS', 'LAST SCALED'];
  return table(head, rows);
}

export function poolDetail(pool: Pool): string {
  const members = pool.members.map(({ state, pid, endpoint, inFlight, startedAt, readyAfterMs }) => [
    String(pid ?? '–'),
    state,
    endpoint ?? '–',
    String(inFlight),
    ago(startedAt),
    readyAfterMs === null ? '–' : duration(readyAfterMs),
  ]);
  return [
    poolsTable([pool]),
    ...(pool.reason === null ? [] : [pool.reason]),
    '',
    members.length === 0
      ? 'No members.'
      : table(['PID', 'STATE', 'ENDPOINT', 'BUSY', 'STARTED', 'READY AFTER'], members),
  ].join('\n');
}

export function templatesTable(templates: readonly AgentTemplate[]): string {
  if (templates.length === 0)
    return 'There are no templates. Create one with `brikk pools templates put <name> --file …`.';
  const rows = templates.map(({ name, version, agent, recovery, command, module = '' }) => [
    name,
    String(version),
    agent,
    recovery,
    command?.join(' ') ?? module,
  ]);
  return table(['TEMPLATE', 'VERSION', 'AGENT', 'RECOVERY', 'RUNS'], rows);
}
