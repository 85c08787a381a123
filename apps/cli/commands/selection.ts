import { type Command, InvalidArgumentError } from 'commander';
import type { SelectionReport, SelectionSettings } from '../../../contracts/selection.js';
import { withApi, withOutput } from './connect.js';
import { type ResourceOptions, work } from './resource-options.js';
import { table } from './table.js';

type Wishes = ResourceOptions & { learned?: boolean; explore?: number; costWeight?: number; latencyWeight?: number };

/** `brikk selection show|set|report`: agents chosen by what was learned of them. */
export function registerSelectionCommands(program: Command): void {
  const selection = program.command('selection').description('agents chosen by what was learned of them');
  const command = (usage: string, description: string) =>
    withOutput(withApi(selection.command(usage).description(description)));

  command('show', 'what holds for calls with select: learned').action((options: ResourceOptions) =>
    work(options, async (client) => {
      const settings = await client.selection.get();
      return { value: settings, text: settingsText(settings) };
    }),
  );
  command('set', 'change some of it; calls go by it within half a second')
    .option('--learned <on|off>', 'off: as with expected-completion', onOrOff)
    .option('--explore <share>', 'at most this share goes to agents that are not thought to be the best', number)
    .option('--cost-weight <worth>', 'what a US dollar takes from the worth of an answer', number)
    .option('--latency-weight <worth>', 'what a second takes from it', number)
    .action(({ learned, explore, costWeight, latencyWeight, ...options }: Wishes) =>
      work(options, async (client) => {
        const said = Object.entries({ learned, explore, costWeight, latencyWeight });
        const changes = Object.fromEntries(said.filter(([, value]) => value !== undefined));
        const settings = await client.selection.put({ ...(await client.selection.get()), ...changes });
        return { value: settings, text: settingsText(settings) };
      }),
    );
  command('report <capability>', 'what other ways to choose would have given')
    .option('--since <time>', 'choices from this time on, such as 2026-11-01T00:00:00Z')
    .action((capability: string, { since, ...options }: ResourceOptions & { since?: string }) =>
      work(options, async (client) => {
        const report = await client.selection.report({ capability, ...(since !== undefined && { since }) });
        return { value: report, text: reportText(report) };
      }),
    );
}

function onOrOff(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new InvalidArgumentError('It must be on or off.');
}

function number(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number, such as 0.05.');
}

export const settingsText = ({ learned, explore, costWeight, latencyWeight }: SelectionSettings): string =>
  table(
    ['LEARNED', 'EXPLORE', 'COST WEIGHT', 'LATENCY WEIGHT'],
    [[learned ? 'on' : 'off', String(explore), String(costWeight), String(latencyWeight)]],
  );

export function reportText({ capability, choices, logged, policies }: SelectionReport): string {
  if (choices === 0) return `No call of ${capability} was chosen with select: learned yet.`;
  const rows = [{ policy: 'as it was', ...logged }, ...policies].map(
    ({ policy, value, low, high, effectiveChoices }) => [
      policy,
      worth(value),
      `${worth(low)} to ${worth(high)}`,
      String(Math.round(effectiveChoices)),
    ],
  );
  return [`${capability}: ${choices} choices`, '', table(['POLICY', 'WORTH', '95 %', 'CHOICES'], rows)].join('\n');
}

const worth = (value: number | null): string => (value === null ? '–' : value.toFixed(3));
