import type { Command } from 'commander';
import type { CatalogFunction } from '../../../sdk/client.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { parametersOf } from './parameters.js';
import { table } from './table.js';

type Options = ConnectOptions & { output?: 'json' | 'table' };

/** `brikk patterns list|show`. */
export function registerPatternCommands(program: Command): void {
  const patterns = program.command('patterns').description('how agents can work together');
  withOutput(withApi(patterns.command('list').description('every pattern in a line'))).action(
    ({ output, ...options }: Options) =>
      reporting(async () => {
        const page = await connect(options).functions.list();
        const items = page.items.filter(({ kind }) => kind === 'pattern');
        console.log(output === 'json' ? JSON.stringify({ ...page, items }, null, 2) : patternsTable(items));
      }),
  );
  withOutput(withApi(patterns.command('show <name>').description('parameters and an example'))).action(
    (name: string, { output, ...options }: Options) =>
      reporting(async () => {
        const pattern = await connect(options).functions.get(name);
        console.log(output === 'json' ? JSON.stringify(pattern, null, 2) : patternDetail(pattern));
      }),
  );
}

export function patternsTable(patterns: CatalogFunction[]): string {
  return table(
    ['PATTERN', 'WHAT IT DOES'],
    patterns.map(({ name, description }) => [name, description]),
  );
}

export function patternDetail({ name, description, docs, with: parameters, output, example }: CatalogFunction): string {
  const rows = parametersOf(parameters).map(({ name: parameter, type, isRequired, preset }) => [
    parameter,
    isRequired ? 'needed' : (preset ?? ''),
    type,
  ]);
  const { description: result } = output as { description?: string };
  return [
    `${name}: ${description}`,
    `Read on in ${docs}`,
    '',
    table(['PARAMETER', 'DEFAULT', 'TYPE'], rows),
    ...(result === undefined ? [] : ['', `Output: ${result}`]),
    '',
    `Save as ${name}.json and start it with: brikk run ${name}.json`,
    JSON.stringify(example, null, 2),
  ].join('\n');
}
