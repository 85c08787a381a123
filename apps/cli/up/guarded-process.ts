import { spawn } from 'node:child_process';
import { type Socket } from 'node:net';
import { closeSync, openSync } from 'node:fs';
import { guardedCommand } from '../../../connectors/lib/guarded-command.js';

/** A server that ends when this process does, even by SIGKILL. Its output is appended to `logFile`. */
export interface GuardedProcess {
  readonly pid: number;
  /** Resolves once, when the program has ended for whatever reason. */
  readonly exited: Promise<void>;
  readonly isRunning: () => boolean;
}

export interface GuardedOptions {
  logFile: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
}

/** Starts `command` in a session of its own, so that Ctrl-C reaches only the supervisor, which stops it in order. */
export async function startGuarded(command: readonly string[], options: GuardedOptions): Promise<GuardedProcess> {
  const { logFile, ...spawnOptions } = options;
  const log = openSync(logFile, 'a', 0o600);
  const [shell, ...guarded] = guardedCommand(command);
  const child = spawn(shell, guarded, {
    ...spawnOptions,
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
  });
  closeSync(log);
  const guard = child.stdio[3] as Socket;
  guard.on('error', () => undefined); // The reader is gone when the program was told to end: nothing to release.
  guard.unref();
  child.unref();

  let running = true;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running = false;
      guard.end('ended\n');
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return { pid: child.pid as number, exited, isRunning: () => running };
}
