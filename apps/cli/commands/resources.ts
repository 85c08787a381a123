import type { Command } from 'commander';
import { type Priority, prioritySchema } from '../../../contracts/priority.js';
import type { Lease, Resource } from '../../../contracts/resources.js';
import { withApi, withOutput } from './connect.js';
import { registerOfferCommands } from './offers.js';
import {
  dollars,
  durationMs,
  grantBy,
  priorityOf,
  type ResourceOptions,
  wholeNumber,
  work,
} from './resource-options.js';
import { ago, table } from './table.js';

type ResourceWish = ResourceOptions & { unit?: string; grant?: 'priority' | 'market'; notice?: number };
type LeaseWish = ResourceOptions & {
  amount?: number;
  priority?: Priority;
  ttl?: number;
  wait?: number;
  work?: string;
  bid?: number;
};

/** `brikk resources …`: what only so many can use at once, and who uses it. */
export function registerResourceCommands(program: Command): void {
  const resources = program.command('resources').description('what only so many can use at once, and who uses it');
  const command = (usage: string, description: string) =>
    withOutput(withApi(resources.command(usage).description(description)));

  command('list', 'resources, with what is leased').action((options: ResourceOptions) =>
    work(options, async (client) => {
      const page = await client.resources.list({ limit: 200 });
      return { value: page, text: resourcesTable(page.items) };
    }),
  );
  command('put <name> <capacity>', 'create a resource, or change its capacity')
    .option('--unit <unit>', 'what one unit is, such as card')
    .option('--grant <rule>', 'priority (as always unless said) or market: by bid', grantBy)
    .option(
      '--notice <duration>',
      'a higher priority takes units that keys hold after such a notice, PT30S',
      durationMs,
    )
    .action((name: string, capacity: string, options: ResourceWish) =>
      work(options, async (client) => {
        const { unit, grant, notice: noticeMs } = options;
        const kept = await client.resources.put(name, {
          capacity: wholeNumber(capacity),
          ...(unit && { unit }),
          ...(grant && { grantBy: grant }),
          ...(noticeMs !== undefined && { noticeMs }),
        });
        return { value: kept, text: resourcesTable([kept]) };
      }),
    );
  command('leases <name>', 'who holds it, then who waits, in the order of their turns').action(
    (name: string, options: ResourceOptions) =>
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
    .option('--work <name>', 'what it is for; leases of the same work belong together')
    .option('--bid <usd>', 'for all of it, where a market decides', dollars)
    .action((name: string, options: LeaseWish) =>
      work(options, async (client) => {
        const { amount, priority, ttl: ttlMs, wait: waitMs, work: purpose, bid: bidUsd } = options;
        const lease = await client.resources.request(name, { amount, priority, ttlMs, waitMs, work: purpose, bidUsd });
        return { value: lease, text: leasesTable([lease]) };
      }),
    );
  command('renew <name> <lease>', 'hold it longer')
    .option('--ttl <duration>', 'from now; PT1M unless said', durationMs)
    .action((name: string, id: string, options: ResourceOptions & { ttl?: number }) =>
      work(options, async (client) => {
        const lease = await client.resources.renew(name, id, { ttlMs: options.ttl });
        return { value: lease, text: leasesTable([lease]) };
      }),
    );
  command('release <name> <lease>', 'give it back, or withdraw a request').action(
    (name: string, id: string, options: ResourceOptions) =>
      work(options, async (client) => {
        await client.resources.release(name, id);
        return { value: { id, released: true }, text: `Lease ${id} is released.` };
      }),
  );
  registerOfferCommands(command);
  command('delete <name>', 'delete a resource that nobody uses').action((name: string, options: ResourceOptions) =>
    work(options, async (client) => {
      await client.resources.delete(name);
      return { value: { name, deleted: true }, text: `${name} is deleted.` };
    }),
  );
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
  const rows = items.map(({ id, state, amount, priority, holder, requestedAt, expiresAt, preemptedBy }) => [
    id,
    preemptedBy === undefined ? state : `${state}, has notice`,
    String(amount),
    priority,
    holder.type === 'run' ? `run ${holder.runId} ${holder.callKey}` : `key ${holder.id}`,
    ago(requestedAt),
    expiresAt,
  ]);
  return table(['LEASE', 'STATE', 'AMOUNT', 'PRIORITY', 'WHOSE', 'ASKED', 'UNTIL'], rows);
}
