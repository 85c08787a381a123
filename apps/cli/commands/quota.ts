import type { Command } from 'commander';
import type { Quota } from '../../../contracts/quotas.js';
import { UserError } from '../user-error.js';
import { withApi, withOutput } from './connect.js';
import { dollars, durationMs, type ResourceOptions, wholeNumber, work } from './resource-options.js';
import { table } from './table.js';

type Limits = ResourceOptions & { window?: number; calls?: number; tokens?: number; costUsd?: number };

/** `brikk quota show|set|remove`: what the calls of an organisation may use in each window. */
export function registerQuotaCommands(program: Command): void {
  const quota = program.command('quota').description('what the calls of an organisation may use in each window');
  const command = (usage: string, description: string) =>
    withOutput(withApi(quota.command(usage).description(description)));

  command('show [organisation]', "of the key's organisation, or of another one (platform:admin)").action(
    (organisation: string | undefined, options: ResourceOptions) =>
      work(options, async (client) => {
        const value = await client.quotas.get(organisation);
        return { value, text: quotaTable(value) };
      }),
  );
  command('set <organisation>', 'limit it; holds within a second (platform:admin)')
    .requiredOption('--window <duration>', 'how long a window is, such as PT1H or P1D', durationMs)
    .option('--calls <n>', 'attempts at agents', wholeNumber)
    .option('--tokens <n>', 'as agents report them', wholeNumber)
    .option('--cost-usd <usd>', 'as agents report it, else as they declared', dollars)
    .action((organisation: string, { window: windowMs = 0, calls, tokens, costUsd, ...options }: Limits) =>
      work(options, async (client) => {
        if (calls === undefined && tokens === undefined && costUsd === undefined)
          throw new UserError('Say --calls, --tokens or --cost-usd.');
        const limits = { windowMs, calls, tokens, costUsd };
        const value = await client.quotas.put(organisation, limits);
        return { value, text: quotaTable(value) };
      }),
    );
  command('remove <organisation>', 'limit it no longer (platform:admin)').action(
    (organisation: string, options: ResourceOptions) =>
      work(options, async (client) => {
        await client.quotas.remove(organisation);
        return { value: { organisation }, text: `${organisation} may use as much as it likes.` };
      }),
  );
}

export function quotaTable({ windowMs, limits, used, resetsAt }: Quota): string {
  if (windowMs === null) return 'There is no quota.';
  const rows = [
    ['calls', used.calls, limits.calls],
    ['tokens', used.tokens, limits.tokens],
    ['US dollars', used.costUsd, limits.costUsd],
  ] as const;
  const told = rows.map(([name, of, most]) => [name, shown(of), most === undefined ? '–' : shown(most)]);
  return [
    `A window is ${windowMs / 1_000} s; the next one begins ${resetsAt}.`,
    '',
    table(['', 'USED', 'OF'], told),
  ].join('\n');
}

const shown = (amount: number): string => amount.toLocaleString('en', { maximumFractionDigits: 6 });
