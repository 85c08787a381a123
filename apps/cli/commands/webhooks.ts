import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { InboundEvent, InboundStatus } from '../../../contracts/inbound-events.js';
import type { Json } from '../../../contracts/json.js';
import type { WebhookSource } from '../../../contracts/webhook-sources.js';
import type { BrikkClient, CreateWebhookSourceInput } from '../../../sdk/client.js';
import { UserError } from '../user-error.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { findNamed } from './find-named.js';
import { jsonArgument } from './json-argument.js';
import { ago, table } from './table.js';
import { registerDeliveryCommands } from './webhook-deliveries.js';
import { registerEndpointCommands } from './webhook-endpoints.js';

interface Options extends ConnectOptions {
  output?: 'json' | 'table';
}
interface TestOptions extends Options {
  data: string;
  header: string[];
}
interface ListOptions extends Options {
  source?: string;
  status?: InboundStatus;
  limit: string;
}

const ROUTED_WITHIN_MS = 15_000;

/** `brikk webhooks …`: events from outside, and those that go out. */
export function registerWebhookCommands(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description('events from outside and what came of them; endpoints, and what goes out to them');
  registerSources(webhooks);
  registerEvents(webhooks);
  registerEndpointCommands(webhooks);
  registerDeliveryCommands(webhooks);
  withOutput(
    withApi(webhooks.command('test <source>').description('send a delivery as the provider of a source would')),
  )
    .requiredOption('--data <json>', 'the body, JSON or @file')
    .option('--header <name: value>', 'a header beside, such as "X-GitHub-Event: issues"', gather, [])
    .action((source: string, { data, header, output, ...options }: TestOptions) =>
      reporting(async () => {
        const client = connect(options);
        const { id } = await sourceNamed(client, source);
        const sample = { body: jsonArgument('--data', data) as Json, headers: headersOf(header) };
        const receipt = await client.webhooks.sources.test(id, sample);
        const routed = receipt.id === undefined ? undefined : await routedEvent(client, receipt.id);
        if (output === 'json') console.log(JSON.stringify(routed ?? receipt, null, 2));
        else console.log(routed ? cameOf(routed) : JSON.stringify(receipt));
      }),
    );
}

function registerSources(webhooks: Command): void {
  withOutput(withApi(webhooks.command('create').description('a source, as a file says; its secret is shown once')))
    .requiredOption('--file <file>', 'JSON or YAML: name, provider, routes, …')
    .action(({ file, output, ...options }: Options & { file: string }) =>
      reporting(async () => {
        const source = jsonArgument('--file', `@${file.replace(/^@/, '')}`) as CreateWebhookSourceInput;
        const created = await connect(options).webhooks.sources.create(source);
        const text = `${created.name} takes deliveries at ${created.url}\nIts secret, shown once: ${created.secret ?? '(shown before)'}`;
        console.log(output === 'json' ? JSON.stringify(created, null, 2) : text);
      }),
    );
  withOutput(withApi(webhooks.command('sources').description('who may send events'))).action((options: Options) =>
    reporting(async () => {
      const page = await connect(options).webhooks.sources.list({ limit: 200 });
      console.log(options.output === 'json' ? JSON.stringify(page, null, 2) : sourcesTable(page.items));
    }),
  );
  withOutput(withApi(webhooks.command('rotate <source>').description('a new secret; the one before works for a day')))
    .option('--overlap <hours>', 'for so many hours instead', Number)
    .action((source: string, { overlap, output, ...options }: Options & { overlap?: number }) =>
      reporting(async () => {
        const client = connect(options);
        const { id } = await sourceNamed(client, source);
        const overlapMs = overlap === undefined ? {} : { overlapMs: Math.round(overlap * 3_600_000) };
        const rotated = await client.webhooks.sources.rotateSecret(id, overlapMs);
        const text = `The secret of ${source}, shown once: ${rotated.secret ?? '(shown before)'}`;
        console.log(output === 'json' ? JSON.stringify(rotated, null, 2) : text);
      }),
    );
  withApi(webhooks.command('delete <source>').description('delete a source with all that came')).action(
    (source: string, options: Options) =>
      reporting(async () => {
        const client = connect(options);
        await client.webhooks.sources.delete((await sourceNamed(client, source)).id);
        console.log(`${source} is deleted.`);
      }),
  );
}

function registerEvents(webhooks: Command): void {
  withOutput(withApi(webhooks.command('events').description('what came, the newest first')))
    .option('--source <source>', 'only of this source')
    .option('--status <status>', 'received, dispatched, dropped, unmatched or dead')
    .option('--limit <n>', 'at most so many', '20')
    .action(({ source, status, limit, output, ...options }: ListOptions) =>
      reporting(async () => {
        const client = connect(options);
        const id = source === undefined ? undefined : (await sourceNamed(client, source)).id;
        const page = await client.webhooks.events.list({ source: id, status, limit: Number(limit) });
        console.log(output === 'json' ? JSON.stringify(page, null, 2) : eventsTable(page.items));
      }),
    );
  withApi(webhooks.command('show <event>').description('one event with its headers and body')).action(
    (event: string, options: Options) =>
      reporting(async () => console.log(JSON.stringify(await connect(options).webhooks.events.get(event), null, 2))),
  );
  withOutput(withApi(webhooks.command('replay [event]').description('route an event again, or all of a status')))
    .option('--status <status>', 'dead or unmatched: all of them')
    .option('--source <source>', 'only of this source')
    .action((event: string | undefined, { status, source, output, ...options }: ListOptions) =>
      reporting(async () => {
        const client = connect(options);
        if (event !== undefined) {
          const replayed = await client.webhooks.events.replay(event);
          console.log(output === 'json' ? JSON.stringify(replayed, null, 2) : `${event} is routed again.`);
          return;
        }
        if (status !== 'dead' && status !== 'unmatched')
          throw new UserError('Name an event, or say --status dead or --status unmatched.');
        const id = source === undefined ? {} : { source: (await sourceNamed(client, source)).id };
        const { replayed } = await client.webhooks.events.replayMany({ status, ...id });
        console.log(
          output === 'json'
            ? JSON.stringify({ replayed })
            : `${replayed === 1 ? '1 event is' : `${replayed} events are`} routed again.`,
        );
      }),
    );
  withApi(webhooks.command('allow <event>').description('let one more copy of an event in')).action(
    (event: string, options: Options) =>
      reporting(async () => {
        await connect(options).webhooks.events.allowRedelivery(event);
        console.log(`The next copy of ${event} is an event of its own.`);
      }),
  );
}

const gather = (value: string, before: string[]): string[] => [...before, value];

/** Fails with a `UserError` for what is no `name: value`. */
export function headersOf(lines: string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([A-Za-z0-9-]+)\s*:\s*(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined)
        throw new UserError(`--header ${line} is no header; write "Name: value".`);
      return [name, value];
    }),
  );
}

/** By name or id. */
const sourceNamed = (client: BrikkClient, wanted: string): Promise<WebhookSource> =>
  findNamed(client.webhooks.sources.list, wanted, { what: 'webhook source', see: 'brikk webhooks sources' });

/** The event once it is routed; as it stands when that takes longer than it should. */
async function routedEvent(client: BrikkClient, id: string): Promise<InboundEvent> {
  const giveUpAt = Date.now() + ROUTED_WITHIN_MS;
  for (;;) {
    const event = await client.webhooks.events.get(id);
    if (event.status !== 'received' || Date.now() > giveUpAt) return event;
    await sleep(100);
  }
}

/** What came of an event, in a line. */
export function cameOf({ id, status, outcome, error }: InboundEvent): string {
  const route = outcome?.route === undefined ? '' : ` by route ${outcome.routeName ?? outcome.route}`;
  const runs = outcome?.runIds?.length ? `: run ${outcome.runIds.join(', ')}` : '';
  const bus = outcome?.eventId === undefined ? '' : `: event ${outcome.eventId}, heard by ${outcome.deliveries ?? 0}`;
  return `${id} is ${status}${route}${runs}${bus}${error === null ? '' : `: ${error}`}`;
}

export function sourcesTable(items: WebhookSource[]): string {
  if (items.length === 0)
    return 'There are no webhook sources. Create one with `brikk webhooks create --file source.yaml`.';
  return table(
    ['NAME', 'PROVIDER', 'STATE', 'ROUTES', 'URL'],
    items.map(({ name, provider, state, routes, url }) => [name, provider, state, String(routes.length), url]),
  );
}

export function eventsTable(items: InboundEvent[]): string {
  if (items.length === 0) return "Nothing has come. Try `brikk webhooks test <source> --data '{}'`.";
  return table(
    ['ID', 'SOURCE', 'STATUS', 'ROUTE', 'CAME OF IT', 'REPEATS', 'RECEIVED'],
    items.map(({ id, source, status, outcome, error, duplicates, receivedAt }) => [
      id,
      source,
      status,
      outcome?.routeName ?? String(outcome?.route ?? ''),
      error ?? outcome?.runIds?.join(' ') ?? outcome?.eventId ?? '',
      String(duplicates),
      ago(receivedAt),
    ]),
  );
}
