import type { Command } from 'commander';
import type { BusEvent, PublishedEvent } from '../../../contracts/event-bus.js';
import type { Json } from '../../../contracts/json.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { jsonArgument } from './json-argument.js';
import { ago, table } from './table.js';

interface PublishOptions extends ConnectOptions {
  data?: string;
  id?: string;
  orderingKey?: string;
  output?: 'json' | 'table';
}
interface ListOptions extends ConnectOptions {
  type?: string;
  source?: string;
  limit: string;
  output?: 'json' | 'table';
}

/** `brikk events …`: what runs hear. */
export function registerEventCommands(program: Command): void {
  const events = program.command('events').description('the event bus that runs listen to');
  withOutput(withApi(events.command('publish <type>').description('send an event to every run that listens for it')))
    .option('--data <json>', 'what happened, JSON or @file')
    .option('--id <id>', 'the same id and content again changes nothing')
    .option('--ordering-key <key>', 'events of one key are heard in order')
    .action((type: string, { data, id, orderingKey, output, ...options }: PublishOptions) =>
      reporting(async () => {
        const given = data === undefined ? {} : { data: jsonArgument('--data', data) as Json };
        const published = await connect(options).events.publish({
          type,
          ...given,
          ...(id === undefined ? {} : { id }),
          ...(orderingKey === undefined ? {} : { orderingKey }),
        });
        console.log(output === 'json' ? JSON.stringify(published, null, 2) : publishedLine(published));
      }),
    );
  withOutput(withApi(events.command('list').description('the newest events, and where they went')))
    .option('--type <type>', 'only of this type')
    .option('--source <source>', 'only from this source')
    .option('--limit <n>', 'at most so many', '20')
    .action(({ type, source, limit, output, ...options }: ListOptions) =>
      reporting(async () => {
        const page = await connect(options).events.list({ type, source, limit: Number(limit) });
        console.log(output === 'json' ? JSON.stringify(page, null, 2) : eventsTable(page.items));
      }),
    );
}

export function publishedLine({ id, deliveries, duplicate }: PublishedEvent): string {
  if (duplicate) return `${id} had been accepted before.`;
  return `${id} is accepted; ${deliveries === 1 ? '1 listener hears' : `${deliveries} listeners hear`} it.`;
}

export function eventsTable(items: BusEvent[]): string {
  if (items.length === 0) return 'There are no events. Publish one with `brikk events publish <type>`.';
  return table(
    ['TYPE', 'ID', 'SOURCE', 'PENDING', 'DELIVERED', 'DROPPED', 'ACCEPTED'],
    items.map(({ event, deliveries: { pending, delivered, dropped }, acceptedAt }) => [
      ...[event.type, event.id, event.source].map(String),
      ...[pending, delivered, dropped].map(String),
      ago(acceptedAt),
    ]),
  );
}
