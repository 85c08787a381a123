import { spawn } from 'node:child_process';
import { type Socket } from 'node:net';
import { closeSync, openSync } from 'node:fs';

/**
 * The shell becomes the program, so the child's pid is the program's. Before that it leaves a reader behind:
 * when the pipe from Node closes without a line, Node is dead and the program is told to end.
 */
const GUARD = '( (read -r line <&3 && exit; kill -INT $$) >/dev/null 2>&1 & ); exec 3<&-; exec "$@"';

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
  const child = spawn('/bin/sh', ['-c', GUARD, 'guard', ...command], {
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
