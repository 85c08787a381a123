import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../../../contracts/durations.js';
import type { Json } from '../../../contracts/json.js';
import type { MemoryHit, MemorySummary } from '../../../contracts/memory.js';
import type { BrikkClient, SharedMemoryOf } from '../../../sdk/client.js';
import { UserError } from '../user-error.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { jsonArgument } from './json-argument.js';
import { ago, table } from './table.js';

interface Options extends ConnectOptions {
  output?: 'json' | 'table';
  session?: string;
  run?: string;
}
type Work = (client: BrikkClient, of: SharedMemoryOf) => Promise<{ value: unknown; text: string }>;

/** `brikk memory …`: what runs, agents and people share; the organisation's unless a session or run is named. */
export function registerMemoryCommands(program: Command): void {
  const memory = program.command('memory').description('what runs, agents and people share, by key');
  const command = (usage: string, description: string) =>
    withOutput(
      withApi(memory.command(usage).description(description))
        .option('--session <name>', 'of this session')
        .option('--run <id>', 'of this run'),
    );

  command('get <key>', 'the value of a key').action((key: string, options: Options) =>
    work(options, async (client, of) => {
      const entry = await client.memory.get(of, key);
      if (!entry) throw new UserError(`There is nothing under ${key}. See what there is with \`brikk memory list\`.`);
      return { value: entry, text: JSON.stringify(entry.value, null, 2) };
    }),
  );
  command('put <key> <json|@file>', 'remember a value')
    .option('--if-version <n>', 'only when this version stands; 0: only when there is none', wholeNumber)
    .option('--ttl <duration>', 'how long, such as PT1H; for good unless said', durationMs)
    .action((key: string, value: string, options: Options & { ifVersion?: number; ttl?: number }) =>
      work(options, async (client, of) => {
        const { ifVersion, ttl: ttlMs } = options;
        const json = jsonArgument('<json>', value) as Json;
        return told(key, await client.memory.put(of, key, json, { ifVersion, ttlMs }));
      }),
    );
  command('append <key> <json|@file>', 'one more item of a list')
    .option('--max-items <n>', 'the oldest items above it go', wholeNumber)
    .option('--ttl <duration>', 'how long the whole list stays', durationMs)
    .action((key: string, item: string, options: Options & { maxItems?: number; ttl?: number }) =>
      work(options, async (client, of) => {
        const { maxItems, ttl: ttlMs } = options;
        const json = jsonArgument('<json>', item) as Json;
        return told(key, await client.memory.append(of, key, json, { maxItems, ttlMs }));
      }),
    );
  command('delete <key>', 'forget a key').action((key: string, options: Options) =>
    work(options, async (client, of) => {
      const deleted = await client.memory.delete(of, key);
      return { value: { key, deleted }, text: deleted ? `${key} is forgotten.` : `There was nothing under ${key}.` };
    }),
  );
  command('list [prefix]', 'keys, without their values')
    .option('--limit <n>', 'how many, 1 to 200', wholeNumber)
    .option('--cursor <cursor>')
    .action((prefix: string | undefined, options: Options & { limit?: number; cursor?: string }) =>
      work(options, async (client, of) => {
        const { limit, cursor } = options;
        const page = await client.memory.list(of, { prefix, limit, cursor });
        const more = page.nextCursor ? `\n\nMore with --cursor ${page.nextCursor}` : '';
        return { value: page, text: memoryTable(page.items) + more };
      }),
    );
  command('search <words>', 'entries that hold the words, the best first; everywhere unless a scope is named')
    .option('--limit <n>', 'how many, 1 to 200', wholeNumber)
    .action((words: string, options: Options & { limit?: number }) =>
      work(options, async (client, of) => {
        const everywhere = options.session === undefined && options.run === undefined;
        const found = await client.memory.search(words, { limit: options.limit, ...(everywhere ? {} : { of }) });
        return { value: found, text: hitsTable(found.items) };
      }),
    );
}

async function work(options: Options, doWork: Work): Promise<void> {
  await reporting(async () => {
    const { session, run, output } = options;
    if (session !== undefined && run !== undefined) throw new UserError('Name a session or a run, not both.');
    const scoped = session === undefined ? undefined : { session };
    const of = scoped ?? (run === undefined ? 'organisation' : { run });
    const { value, text } = await doWork(connect(options), of);
    console.log(output === 'json' ? JSON.stringify(value, null, 2) : text);
  });
}

const told = (key: string, summary: MemorySummary) => ({
  value: summary,
  text: `${key} has version ${summary.version}${summary.expiresAt ? `, until ${summary.expiresAt}` : ''}.`,
});

export function memoryTable(items: MemorySummary[]): string {
  if (items.length === 0) return 'Nothing is remembered here. Put something with `brikk memory put <key> <json>`.';
  const rows = items.map(({ key, version, bytes, updatedAt, expiresAt }) => [
    key,
    String(version),
    String(bytes),
    ago(updatedAt),
    expiresAt ?? 'for good',
  ]);
  return table(['KEY', 'VERSION', 'BYTES', 'CHANGED', 'STAYS UNTIL'], rows);
}

export function hitsTable(items: MemoryHit[]): string {
  if (items.length === 0) return 'Nothing holds these words.';
  const rows = items.map(({ scope, scopeId, key, snippet }) => [
    scopeId === null ? scope : `${scope} ${scopeId}`,
    key,
    snippet.replaceAll(/\s+/g, ' '),
  ]);
  return table(['WHOSE', 'KEY', 'TEXT'], rows);
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms) return ms;
  throw new UserError(`--ttl ${text} is no duration; write one such as PT1H.`);
}
