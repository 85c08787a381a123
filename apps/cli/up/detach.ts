import { fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from '../environment.js';
import { packageRoot } from '../package-root.js';
import { UserError } from '../user-error.js';
import { logFileOf, prepareHome } from './home.js';
import { readHome } from './settings.js';

/** Runs `brikk up` in a process of its own, passes its lines on, and returns when it is ready. */
export async function startDetached(flags: { workers?: string; samples: boolean }): Promise<void> {
  const home = readHome(environment);
  prepareHome(home);
  const main = join(packageRoot, 'dist', 'apps', 'cli', 'main.js');
  const args = [
    'up',
    ...(flags.workers ? ['--workers', flags.workers] : []),
    ...(flags.samples ? [] : ['--no-samples']),
  ];
  const log = openSync(logFileOf(home, 'up'), 'a', 0o600);
  const child = fork(main, args, {
    env: { ...environment },
    detached: true,
    execArgv: [],
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  let failure: string | undefined;
  const isReady = await new Promise<boolean>((resolve, reject) => {
    child.once('error', reject);
    child.on('message', (message: { type: string; line?: string }) => {
      if (message.type === 'line') process.stdout.write(`${message.line ?? ''}\n`);
      if (message.type === 'failure') failure = message.line;
      if (message.type === 'ready') resolve(true);
    });
    child.once('exit', (code) => resolve(code === 0));
  });
  if (!isReady) throw new UserError(failure ?? `Brikk did not start: read ${logFileOf(home, 'up')}.`);
  if (child.connected) child.disconnect();
  child.unref();
}
