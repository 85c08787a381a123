import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../../../contracts/durations.js';
import type { Lease, Resource } from '../../../contracts/resources.js';
import { type Priority, prioritySchema } from '../../../contracts/runs.js';
import type { BrikkClient } from '../../../sdk/client.js';
import { UserError } from '../user-error.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { ago, table } from './table.js';

interface Options extends ConnectOptions {
  output?: 'json' | 'table';
}
type LeaseWish = Options & { amount?: number; priority?: Priority; ttl?: number; wait?: number };

/** `brikk resources …`: what only so many can use at once, and who uses it. */
export function registerResourceCommands(program: Command): void {
  const resources = program.command('resources').description('what only so many can use at once, and who uses it');
  const command = (usage: string, description: string) =>
    withOutput(withApi(resources.command(usage).description(description)));

  command('list', 'resources, with what is leased').action((options: Options) =>
    work(options, async (client) => {
      const page = await client.resources.list({ limit: 200 });
      return { value: page, text: resourcesTable(page.items) };
    }),
  );
  command('put <name> <capacity>', 'create a resource, or change its capacity')
    .option('--unit <unit>', 'what one unit is, such as card')
    .action((name: string, capacity: string, options: Options & { unit?: string }) =>
      work(options, async (client) => {
        const { unit } = options;
        const kept = await client.resources.put(name, { capacity: wholeNumber(capacity), ...(unit && { unit }) });
        return { value: kept, text: resourcesTable([kept]) };
      }),
    );
  command('leases <name>', 'who holds it, then who waits, in the order of their turns').action(
    (name: string, options: Options) =>
      work(options, async (client) => {
        const page = await client.resources.leases(name, { limit: 200 });
        return { value: page, text: leasesTable(page.items) };
      }),
  );
  command('request <name>', 'lease some of it')
    .option('--amount <n>', 'units; 1 unless said', wholeNumber)
    .option('--priority <priority>', prioritySchema.options.join(', '), priorityOf)
    .option('--ttl <duration>', 'how long it is held, such as PT10M; PT1M unless said', durationMs)
    .option('--wait <duration>', 'how long the request may wait for its turn; not at all unless said', durationMs)
    .action((name: string, options: LeaseWish) =>
      work(options, async (client) => {
        const { amount, priority, ttl: ttlMs, wait: waitMs } = options;
        const lease = await client.resources.request(name, { amount, priority, ttlMs, waitMs });
        return { value: lease, text: leasesTable([lease]) };
      }),
    );
  command('renew <name> <lease>', 'hold it longer')
    .option('--ttl <duration>', 'from now; PT1M unless said', durationMs)
    .action((name: string, id: string, options: Options & { ttl?: number }) =>
      work(options, async (client) => {
        const lease = await client.resources.renew(name, id, { ttlMs: options.ttl });
        return { value: lease, text: leasesTable([lease]) };
      }),
    );
  command('release <name> <lease>', 'give it back, or withdraw a request').action(
    (name: string, id: string, options: Options) =>
      work(options, async (client) => {
        await client.resources.release(name, id);
        return { value: { id, released: true }, text: `Lease ${id} is released.` };
      }),
  );
  command('delete <name>', 'delete a resource that nobody uses').action((name: string, options: Options) =>
    work(options, async (client) => {
      await client.resources.delete(name);
      return { value: { name, deleted: true }, text: `${name} is deleted.` };
    }),
  );
}

async function work(
  options: Options,
  doWork: (client: BrikkClient) => Promise<{ value: unknown; text: string }>,
): Promise<void> {
  await reporting(async () => {
    const { value, text } = await doWork(connect(options));
    console.log(options.output === 'json' ? JSON.stringify(value, null, 2) : text);
  });
}

export function resourcesTable(items: Resource[]): string {
  if (items.length === 0) return 'There are no resources. Create one with `brikk resources put <name> <capacity>`.';
  const rows = items.map(({ name, capacity, unit, held, waiting }) => [
    name,
    String(capacity),
    unit ?? '',
    String(held),
    String(waiting),
  ]);
  return table(['NAME', 'CAPACITY', 'UNIT', 'HELD', 'WAITING'], rows);
}

export function leasesTable(items: Lease[]): string {
  if (items.length === 0) return 'Nobody holds it or waits for it.';
  const rows = items.map(({ id, state, amount, priority, holder, requestedAt, expiresAt }) => [
    id,
    state,
    String(amount),
    priority,
    holder.type === 'run' ? `run ${holder.runId} ${holder.callKey}` : `key ${holder.id}`,
    ago(requestedAt),
    expiresAt,
  ]);
  return table(['LEASE', 'STATE', 'AMOUNT', 'PRIORITY', 'WHOSE', 'ASKED', 'UNTIL'], rows);
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

function priorityOf(text: string): Priority {
  const known = prioritySchema.safeParse(text);
  if (known.success) return known.data;
  throw new InvalidArgumentError(`It must be one of ${prioritySchema.options.join(', ')}.`);
}

function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms) return ms;
  throw new UserError(`${text} is no duration; write one such as PT10M.`);
}
