import type { Command } from 'commander';
import { createInterface } from 'node:readline/promises';
import { environment } from '../environment.js';
import { UserError } from '../user-error.js';
import { startDetached } from './detach.js';
import { prepareHome, wipeHome } from './home.js';
import { recoverFromCrash } from './recover.js';
import { readSettings, SETTINGS } from './settings.js';
import { showRunning, supervise } from './supervise.js';
import { findSupervisor, takeLock } from './supervisor-lock.js';

/** npm passes Ctrl-C on although the terminal has sent it already: only a later one means impatience. */
const SECOND_SIGNAL_AFTER_MS = 1_000;

interface UpFlags {
  workers?: string;
  samples: boolean;
  fresh?: boolean;
  yes?: boolean;
  detach?: boolean;
}

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
    .action((flags: UpFlags) => up(flags));
}

function settingsHelp(): string {
  return SETTINGS.map(
    ([name, fallback, meaning]) => `  ${name.padEnd(24)} ${meaning}${fallback ? ` (default ${fallback})` : ''}`,
  ).join('\n');
}

async function up(flags: UpFlags): Promise<void> {
  const settings = readSettings(environment, flags);
  if (flags.fresh) await empty(settings.home, flags.yes ?? false);
  if (findSupervisor(settings.home)) return showRunning(settings.home, print);
  if (flags.detach) return startDetached(flags);

  prepareHome(settings.home);
  if (takeLock(settings.home)) return showRunning(settings.home, print);
  await supervise(settings, {
    interrupted: waitForSignal(),
    print,
    onReady: () => process.connected && process.send?.({ type: 'ready' }),
  });
  process.exit(0); // A start that was interrupted may still be under way.
}

/** Resolves at the first signal to stop. A second one ends at once; the guards end the servers. */
function waitForSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        firstAt ??= performance.now();
        if (performance.now() - firstAt > SECOND_SIGNAL_AFTER_MS) process.exit(130);
        resolve();
      });
    }
  });
}

async function empty(home: string, sure: boolean): Promise<void> {
  const running = findSupervisor(home);
  if (running) throw new UserError(`Brikk is running on ${home} (pid ${running.pid}): run "brikk down" first.`);
  if (!sure && !process.stdin.isTTY) throw new UserError(`--fresh empties ${home}: without a terminal add --yes.`);
  if (!sure) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(`Everything in ${home} will be lost. Go on? [y/N] `);
    terminal.close();
    if (!/^y(es)?$/i.test(answer.trim())) throw new UserError('Nothing was removed.');
  }
  await recoverFromCrash(home);
  wipeHome(home);
}

/** To the terminal, and to the one that asked for a detached start while it listens. */
function print(line: string): void {
  if (process.connected) process.send?.({ type: 'line', line });
  process.stdout.write(`${line}\n`);
}
