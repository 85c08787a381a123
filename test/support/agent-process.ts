import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';
import { until } from './until.js';

/** Where `brikk/agent` is the built SDK. */
const root = path.join(import.meta.dirname, '../..');

/** Echoes its input after `ms` of it, browses in sessions, and tells its parent of each call it begins. */
const SOURCE = `
import { serveAgent } from 'brikk/agent';
await serveAgent({
  name: 'waiter',
  version: '1.0.0',
  ttlSeconds: 3,
  maxConcurrency: 100,
  capabilities: {
    wait: {
      handler: async (input, { idempotencyKey }) => {
        process.send({ type: 'begun', key: idempotencyKey });
        await new Promise((resolve) => setTimeout(resolve, input.ms));
        return input;
      },
    },
    browse: {
      handler: async ({ session: key, page, ms = 0 }, { idempotencyKey, session: open }) => {
        const session = await open(key);
        const tab = await session.hold((saved) => ({ pages: saved ?? [], from: saved, pid: process.pid }));
        process.send({ type: 'begun', key: idempotencyKey });
        await new Promise((resolve) => setTimeout(resolve, process.env.BRIKK_TEST_HURRY ? 1 : ms));
        tab.pages = [...tab.pages, page];
        await session.save(tab.pages);
        return tab;
      },
    },
  },
});
`;

const asModule = (source: string, given: string) => [
  '--import',
  `data:text/javascript,${encodeURIComponent(given)}`,
  '--input-type=module',
  '-e',
  source,
];

/** Runs code that uses the SDK to its end, in a process of its own. */
export const runCode = (source: string, given: string) =>
  promisify(execFile)(process.execPath, asModule(source, given), { cwd: root });

/** An agent as a user runs it: a process of its own on the built SDK, with address and key in its environment. */
export class AgentProcess {
  readonly begun: string[] = [];
  url = '';
  readonly pid: number | undefined;

  private constructor(private readonly child: ChildProcess) {
    this.pid = child.pid;
    child.on('message', (message: { type: string; url?: string; key?: string }) => {
      if (message.type === 'ready') this.url = message.url ?? '';
      else this.begun.push(message.key ?? '');
    });
  }

  /** `given` is run before the `source`: what it finds as globals. */
  static async start(
    env: { BRIKK_API_URL: string; BRIKK_API_KEY: string; BRIKK_TEST_HURRY?: string },
    { source = SOURCE, given = '' } = {},
  ): Promise<AgentProcess> {
    const agent = new AgentProcess(
      spawn(process.execPath, asModule(source, given), {
        cwd: root,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    );
    await until(() => agent.url !== '');
    return agent;
  }

  /** Resolves with the exit code, null after SIGKILL. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    return ((await exited) as [number | null])[0];
  }
}
