import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RunEvent } from '../../contracts/events.js';
import type { AcceptedRun, Run } from '../../contracts/runs.js';
import { freePort } from './free-port.js';

const execute = promisify(execFile);
const cli = path.join(import.meta.dirname, '../../dist/apps/cli/main.js');

/** What `brikk status -o json` prints when every part is started by Brikk itself. */
export interface BrikkStatus {
  home: string;
  api: { url: string; pid: number };
  workers: { pid: number; queues: string[] }[];
  temporal: { address: string; uiUrl: string; pid: number };
  postgres: { url: string; pid: number };
  agents: { name: string; pid: number }[];
  devKey: string;
}

/** The launched product, as a user starts it, on a home and ports of its own. */
export class LaunchedBrikk {
  private constructor(
    readonly home: string,
    private readonly environment: NodeJS.ProcessEnv,
    private key: string,
    private url: string,
  ) {}

  /** `prepare` sees the data folder while it is still empty. */
  static async up(
    options: string[] = ['--no-samples'],
    extra: NodeJS.ProcessEnv = {},
    prepare: (home: string) => void = () => undefined,
  ): Promise<LaunchedBrikk> {
    const home = await mkdtemp(path.join(tmpdir(), 'brikk-e2e-'));
    prepare(home);
    const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const names = ['BRIKK_PORT', 'BRIKK_TEMPORAL_PORT', 'BRIKK_TEMPORAL_UI_PORT', 'BRIKK_POSTGRES_PORT'];
    const settings = Object.fromEntries(names.map((name, index) => [name, String(ports[index])]));
    const environment = { ...process.env, ...settings, BRIKK_HOME: home, BRIKK_RATE_LIMIT: '100000', ...extra };
    const brikk = new LaunchedBrikk(home, environment, '', '');
    await brikk.upAgain(options);
    return brikk;
  }

  async upAgain(options: string[]): Promise<void> {
    await this.brikk(['up', '--detach', ...options]);
    const { devKey, api } = await this.status();
    this.key = devKey;
    this.url = api.url;
  }

  async supervisorPid(): Promise<number> {
    const lock = JSON.parse(await readFile(path.join(this.home, 'supervisor.json'), 'utf8')) as { pid: number };
    return lock.pid;
  }

  /** The same product, for the owner of another key. */
  as(key: string): LaunchedBrikk {
    return new LaunchedBrikk(this.home, this.environment, key, this.url);
  }

  async brikk(args: string[]): Promise<string> {
    const { stdout } = await execute(process.execPath, [cli, ...args], { env: this.environment, maxBuffer: 2 ** 26 });
    return stdout;
  }

  async status(): Promise<BrikkStatus> {
    return JSON.parse(await this.brikk(['status', '-o', 'json'])) as BrikkStatus;
  }

  /** Calls the API; while it is down, tries again until `patienceMs` is over. */
  async call<Answer>(method: string, route: string, body?: unknown, patienceMs = 60_000): Promise<Answer> {
    const giveUpAt = Date.now() + patienceMs;
    for (;;) {
      const answer = await fetch(`${this.url}${route}`, {
        method,
        headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch(() => undefined);
      if (answer?.ok) return (await answer.json()) as Answer;
      if (answer && answer.status < 500) throw new Error(`${method} ${route}: ${answer.status} ${await answer.text()}`);
      if (Date.now() > giveUpAt) throw new Error(`${method} ${route}: no answer in ${patienceMs} ms`);
      await sleep(50);
    }
  }

  start(run: object): Promise<AcceptedRun> {
    return this.call('POST', '/v1/runs', run);
  }

  /** The run once it has ended. */
  finished(id: string, patienceMs = 120_000): Promise<Run> {
    return this.reached(id, ({ finishedAt }) => finishedAt !== null, patienceMs);
  }

  /** The run once it is as wanted. */
  async reached(id: string, isWanted: (run: Run) => boolean, patienceMs = 60_000): Promise<Run> {
    const giveUpAt = Date.now() + patienceMs;
    for (;;) {
      const run = await this.call<Run>('GET', `/v1/runs/${id}`);
      if (isWanted(run)) return run;
      if (Date.now() > giveUpAt) throw new Error(`run ${id} is still ${run.status} after ${patienceMs} ms`);
      await sleep(50);
    }
  }

  async events(id: string): Promise<RunEvent[]> {
    const all: RunEvent[] = [];
    for (;;) {
      const page = await this.call<{ items: RunEvent[] }>('GET', `/v1/runs/${id}/events?limit=200&after=${all.length}`);
      all.push(...page.items);
      if (page.items.length < 200) return all;
    }
  }

  async register(name: string, capability: string, endpoint: string, extra: object = {}): Promise<void> {
    await this.call('POST', '/v1/agents', {
      name,
      version: '1.0.0',
      protocol: 'http',
      endpoint,
      capabilities: [{ name: capability }],
      ttlSeconds: 0,
      ...extra,
    });
  }

  async down(): Promise<void> {
    await this.brikk(['down']);
    await rm(this.home, { recursive: true, force: true });
  }
}
