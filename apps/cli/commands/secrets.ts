import type { Command } from 'commander';
import type { SecretSummary } from '../../../contracts/secrets.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { readSecret, secretOf } from './secret-input.js';
import { ago, table } from './table.js';

interface Options extends ConnectOptions {
  output?: 'json' | 'table';
  json?: boolean;
}

/** `brikk secrets …`: values come from the standard input, so that no shell history keeps them. */
export function registerSecretCommands(program: Command): void {
  const secrets = program.command('secrets').description('credentials that runs use and nobody reads again');
  withOutput(withApi(secrets.command('list').description('their names'))).action((options: Options) =>
    reporting(async () => {
      const page = await connect(options).secrets.list({ limit: 200 });
      console.log(options.output === 'json' ? JSON.stringify(page, null, 2) : secretsTable(page.items));
    }),
  );
  withOutput(withApi(secrets.command('put <name>').description('keep the secret that the standard input gives')))
    .option('--json', 'it is a JSON object, such as {"username": "…", "password": "…"}')
    .action((name: string, options: Options) =>
      reporting(async () => {
        const summary = await connect(options).secrets.put(name, secretOf(await readSecret(), options));
        const text = `${name} is kept (version ${summary.version}).`;
        console.log(options.output === 'json' ? JSON.stringify(summary, null, 2) : text);
      }),
    );
  withApi(secrets.command('delete <name>').description('delete a secret')).action((name: string, options: Options) =>
    reporting(async () => {
      await connect(options).secrets.delete(name);
      console.log(`${name} is deleted.`);
    }),
  );
}

export function secretsTable(items: SecretSummary[]): string {
  if (items.length === 0) return 'There are no secrets. Keep one with `brikk secrets put <name>`.';
  return table(
    ['NAME', 'VERSION', 'CHANGED'],
    items.map(({ name, version, updatedAt }) => [name, String(version), ago(updatedAt)]),
  );
}
