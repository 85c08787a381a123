import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { until } from './clock.js';

const LISTENS_DEADLINE_MS = 30_000;

export interface ServerToStart {
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** It has started when this one takes connections. */
  port: number;
}

/** A server of somebody else's, which ends with this process at the latest; fails when it cannot start. */
export async function startServer({ command, args, env, port }: ServerToStart): Promise<{ stop(): Promise<void> }> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let [said, failure] = ['', undefined as string | undefined];
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-500)));
  child.once('error', ({ message }) => (failure = message));
  const ended = new Promise<void>((resolve) =>
    child.once('close', (code) => {
      failure ??= `${command} ended with ${code}: ${said}`;
      resolve();
    }),
  );
  process.once('exit', () => child.kill('SIGKILL'));
  await until(`${command} listens`, LISTENS_DEADLINE_MS, () => {
    if (failure !== undefined) throw new Error(failure);
    return isListening(port);
  });
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const answer = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
