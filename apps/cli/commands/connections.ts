import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Breaker } from '../../../contracts/breakers.js';
import type { Connection, ConnectionInUse } from '../../../contracts/connections.js';
import type { BrikkClient } from '../../../sdk/client.js';
import { UserError } from '../user-error.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { type AuthOptions, connectionIn, type CreateOptions, credentialIn } from './connection-input.js';
import { findNamed } from './find-named.js';
import { durationMs } from './resource-options.js';
import { table } from './table.js';

interface RotateOptions extends AuthOptions {
  overlap?: string;
  expiresAt?: string;
}

interface Options extends ConnectOptions {
  output?: 'json' | 'table';
}

const LOOK_EVERY_MS = 1_000;

/** `brikk connections …` and `brikk breakers …`: outside systems, and whether they are asked. */
export function registerConnectionCommands(program: Command): void {
  const connections = program.command('connections').description('outside systems, and what proves who asks');
  registerReading(connections);
  registerWriting(connections);
  registerBreakers(program.command('breakers').description('circuits of outside systems that did not answer'));
}

function registerReading(connections: Command): void {
  withOutput(withApi(connections.command('list').description('by name'))).action((options: Options) =>
    reporting(async () => {
      const page = await connect(options).connections.list({ limit: 200 });
      print(options, page, connectionsTable(page.items));
    }),
  );
  withApi(connections.command('get <connection>').description('one of them, by name or id; nothing secret')).action(
    (wanted: string, options: Options) =>
      reporting(async () => {
        const client = connect(options);
        const { id } = await connectionNamed(client, wanted);
        console.log(JSON.stringify(await client.connections.get(id), null, 2));
      }),
  );
  withOutput(withApi(connections.command('test <connection>').description('one request without effect'))).action(
    (wanted: string, options: Options) =>
      reporting(async () => {
        const client = connect(options);
        const { id, name } = await connectionNamed(client, wanted);
        const tested = await client.connections.test(id);
        const failure = tested.error && `${name} failed: ${tested.error.message} (${tested.error.code})`;
        print(options, tested, failure ?? `${name} answered in ${Math.round(tested.latencyMs)} ms.`);
        if (!tested.ok) process.exitCode = 1;
      }),
  );
}

function registerWriting(connections: Command): void {
  withSecret(withOutput(withApi(connections.command('create [name]').description('a connection to an outside system'))))
    .option('--provider <provider>', 'http, email, webhook, slack, github or jira')
    .option('--base-url <url>', 'where it is, for providers that may be anywhere; repeat it for several', gather, [])
    .option('--fallback <who>', 'who stands in: a connection, or a workflow as namespace/name')
    .action((name: string | undefined, { output, ...options }: Options & CreateOptions) =>
      reporting(async () => {
        const made = await connect(options).connections.create(await connectionIn(name, options));
        print({ output }, made, `${made.name} is ${made.status}  ${made.id}`);
      }),
    );
  withSecret(
    withOutput(
      withApi(
        connections
          .command('rotate <connection>')
          .description('a new credential; the one before is tried where it is refused, for a day'),
      ),
    ),
  )
    .option('--overlap <duration>', 'for so long instead, such as PT1H; PT0S: the one before is destroyed')
    .option('--expires-at <time>', 'when the system says that it ends, such as 2027-01-31T00:00:00Z')
    .action((wanted: string, { output, overlap, expiresAt, ...options }: Options & RotateOptions) =>
      reporting(async () => {
        const client = connect(options);
        const { id, authKind } = await connectionNamed(client, wanted);
        const changed = await client.connections.rotate(id, {
          auth: await credentialIn(authKind, options),
          ...(expiresAt !== undefined && { expiresAt }),
          ...(overlap !== undefined && { overlapMs: durationMs(overlap) }),
        });
        const { name, credentialVersion, status, previousUntil } = changed;
        const before = previousUntil === null ? '' : ` The one before is tried until ${previousUntil}.`;
        print({ output }, changed, `${name} has credential ${credentialVersion}, and is ${status}.${before}`);
      }),
    );
  withApi(
    connections.command('authorize <connection>').description('where a person agrees in a browser; waits until then'),
  ).action((wanted: string, options: Options) =>
    reporting(async () => {
      const client = connect(options);
      const { id, name, credentialVersion } = await connectionNamed(client, wanted);
      const { url, expiresAt } = await client.connections.authorize(id);
      console.log(`Open this in a browser, and agree:\n${url}`);
      for (const giveUpAt = Date.parse(expiresAt); Date.now() < giveUpAt; await sleep(LOOK_EVERY_MS)) {
        const found = await client.connections.get(id);
        if (found.credentialVersion !== credentialVersion) return console.log(`${name} is ${found.status}.`);
      }
      throw new UserError(`Nobody agreed in time; ask again with brikk connections authorize ${name}.`);
    }),
  );
  const ending = (name: string, description: string, end: (client: BrikkClient, id: string) => Promise<unknown>) =>
    withApi(connections.command(`${name} <connection>`).description(description)).action(
      (wanted: string, options: Options) =>
        reporting(async () => {
          const client = connect(options);
          const found = await connectionNamed(client, wanted);
          await end(client, found.id);
          console.log(`${found.name} is ${name}d.`);
        }),
    );
  ending('revoke', 'destroy its credential: nothing goes out until there is another', (client, id) =>
    client.connections.revoke(id),
  );
  ending('delete', 'with its credential and the record of its keys', (client, id) => client.connections.delete(id));
}

function registerBreakers(breakers: Command): void {
  withOutput(withApi(breakers.command('list').description('those of systems that have failed'))).action(
    (options: Options) =>
      reporting(async () => {
        const page = await connect(options).breakers.list({ limit: 200 });
        print(options, page, breakersTable(page.items));
      }),
  );
  withApi(
    breakers
      .command('reset <target>')
      .description('close one, such as connector:<id> or webhook:<id of an endpoint>, or of a connection by its name'),
  ).action((target: string, options: Options) =>
    reporting(async () => {
      const client = connect(options);
      const whole = target.includes(':') ? target : `connector:${(await connectionNamed(client, target)).id}`;
      await client.breakers.reset(whole);
      console.log(`${target} is closed.`);
    }),
  );
}

const withSecret = (command: Command): Command =>
  command
    .option('--file <file>', 'JSON or YAML')
    .option('--auth <kind>', 'how it proves who asks: none, bearer, apiKey, basic, signing, oauth2, githubApp, mtls')
    .option('--secret-env <variable>', 'the variable that holds the secret, in place of the standard input');

const gather = (value: string, before: string[]): string[] => [...before, value];

const print = ({ output }: Pick<Options, 'output'>, value: unknown, text: string): void =>
  console.log(output === 'json' ? JSON.stringify(value, null, 2) : text);

/** By name or id. */
const connectionNamed = (client: BrikkClient, wanted: string): Promise<Connection> =>
  findNamed((page) => client.connections.list(page), wanted, { what: 'connection', see: 'brikk connections list' });

export function connectionsTable(items: ConnectionInUse[]): string {
  if (items.length === 0)
    return 'There are no connections. Create one with `brikk connections create shop --provider http --base-url … --auth bearer`.';
  return table(
    ['NAME', 'PROVIDER', 'AUTH', 'STATUS', 'WAITING', 'ENDS', 'WHERE', 'LAST ERROR'],
    items.map(({ name, provider, authKind, status, baseUrls, queue, expiresAt, lastError }) => [
      name,
      provider,
      authKind,
      status,
      queue.oldestMs === null ? '0' : `${queue.waiting} for ${Math.round(queue.oldestMs / 1_000)} s`,
      endOf(expiresAt),
      baseUrls.join(' '),
      lastError ?? '',
    ]),
  );
}

/** Of a credential: the day, and how many are left when they are few. */
function endOf(expiresAt: string | null): string {
  if (expiresAt === null) return '';
  const days = Math.floor((Date.parse(expiresAt) - Date.now()) / 86_400_000);
  const left = days < 0 ? ' (over)' : days < 30 ? ` (in ${days} d)` : '';
  return `${expiresAt.slice(0, 10)}${left}`;
}

export function breakersTable(items: Breaker[]): string {
  if (items.length === 0) return 'No circuit has opened, and no call failed lately.';
  return table(
    ['TARGET', 'STATE', 'CALLS', 'FAILED', 'OPENED', 'UNTIL'],
    items.map(({ target, state, calls, failures, timesOpened, openUntil }) => [
      target,
      state,
      String(calls),
      String(failures),
      String(timesOpened),
      openUntil ?? '',
    ]),
  );
}
