import type { Command } from 'commander';
import { SETTINGS } from './settings.js';
import type { UpFlags } from './up.js';

export function registerUpCommand(program: Command): void {
  program
    .command('up')
    .description('start Postgres, Temporal, the API, a worker and the sample agents, and keep them running')
    .option('--workers <n>', 'worker processes; more than one are standbys for each other')
    .option('--no-samples', 'leave out the sample agents and the welcome run')
    .option('--fresh', 'empty the data folder first')
    .option('--yes', 'with --fresh: do not ask')
    .option('--detach', 'return when everything is ready; `brikk down` stops it')
    .addHelpText('after', `\nSettings (environment):\n${settingsHelp()}`)
    // Half of the modules of the command line are for this: the other commands start without them.
    .action(async (flags: UpFlags) => (await import('./up.js')).up(flags));
}

function settingsHelp(): string {
  return SETTINGS.map(
    ([name, fallback, meaning]) => `  ${name.padEnd(24)} ${meaning}${fallback ? ` (default ${fallback})` : ''}`,
  ).join('\n');
}
