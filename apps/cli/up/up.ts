import { createInterface } from 'node:readline/promises';
import { environment } from '../environment.js';
import { UserError } from '../user-error.js';
import { startDetached } from './detach.js';
import { prepareHome, wipeHome } from './home.js';
import { recoverFromCrash } from './recover.js';
import { readSettings } from './settings.js';
import { showRunning, supervise } from './supervise.js';
import { findSupervisor, takeLock } from './supervisor-lock.js';

export interface UpFlags {
  workers?: string;
  samples: boolean;
  fresh?: boolean;
  yes?: boolean;
  detach?: boolean;
}

/** npm passes Ctrl-C on although the terminal has sent it already: only a later one means impatience. */
const SECOND_SIGNAL_AFTER_MS = 1_000;

/** `brikk up`: returns when everything has stopped, with `detach` when everything is ready. */
export async function up(flags: UpFlags): Promise<void> {
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
