import { fork } from 'node:child_process';
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { UserError } from '../user-error.js';
import { readLogFrom } from './postgres-failure.js';
import type { Running } from './keep-alive.js';
import { stopProcess } from './stop-process.js';

const READY_DEADLINE_MS = 60_000;

export interface NodeChildOptions {
  name: string;
  script: string;
  /** For Node itself. */
  nodeFlags?: string[];
  env: NodeJS.ProcessEnv;
  logFile: string;
  /** After SIGTERM; then SIGKILL. */
  stopWaitMs: number;
}

/** What a child says when it is ready: `{type: 'ready'}` and more, by part. */
export interface ReadyMessage {
  type: 'ready';
  url?: string;
  queues?: string[];
  name?: string;
}

export interface NodeChild extends Running {
  pid: number;
  ready: ReadyMessage;
}

/**
 * Starts one of our own processes and waits until it says over the IPC channel that it is ready. The child stops when
 * that channel closes, so a killed supervisor leaves no orphans. Ctrl-C does not reach it: the supervisor stops it.
 */
export async function startNodeChild(options: NodeChildOptions): Promise<NodeChild> {
  const { name, script, nodeFlags = [], env, logFile, stopWaitMs } = options;
  const log = openSync(logFile, 'a', 0o600);
  const logOffset = existsSync(logFile) ? statSync(logFile).size : 0;
  const child = fork(script, [], { env, execArgv: nodeFlags, detached: true, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  child.on('error', () => undefined); // Reported by the exit or by the missing pid below.

  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { pid } = child;
  if (!pid) throw new UserError(`${name} could not be started: the system refused another process.`);
  const stop = () =>
    stopProcess(pid, [
      { signal: 'SIGTERM', waitMs: stopWaitMs },
      { signal: 'SIGKILL', waitMs: 1_000 },
    ]);

  const ready = await new Promise<ReadyMessage | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), READY_DEADLINE_MS);
    const answer = (message: ReadyMessage | undefined) => {
      clearTimeout(timer);
      resolve(message);
    };
    child.on('message', (message) => {
      if (isReady(message)) answer(message);
    });
    void exited.then(() => answer(undefined));
  });
  if (ready) return { pid, ready, exited, stop };
  await stop();
  const reason = lastError(readLogFrom(logFile, logOffset));
  throw new UserError(`${name} did not start${reason ? ` (${reason})` : ''}: read ${logFile}.`);
}

function isReady(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}

/** The message of the last line that tells of an error: of pino's JSON, or of an uncaught exception. */
export function lastError(output: string): string | undefined {
  const lines = output.trim().split('\n').toReversed();
  for (const line of lines) {
    const uncaught = /^(?:Uncaught )?\w*Error(?: \[\w+\])?: (.+)/.exec(line)?.[1];
    if (uncaught) return uncaught;
    if (!line.startsWith('{')) continue;
    try {
      const { level, msg } = JSON.parse(line) as { level?: number; msg?: string };
      if (level && level >= 50 && msg) return msg;
    } catch {
      continue;
    }
  }
  return undefined;
}
