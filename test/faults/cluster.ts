import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepAlive, type Kept, type Running } from '../../apps/cli/up/keep-alive.js';
import { startNodeChild } from '../../apps/cli/up/node-child.js';
import { ownerUrlOf } from '../../apps/cli/up/owner-url.js';
import { readState } from '../../apps/cli/up/state-file.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { freePort } from '../support/free-port.js';
import type { Fault, Link, ProcessName } from './schedule.js';
import { TcpProxy } from './tcp-proxy.js';

const dist = path.join(import.meta.dirname, '../../dist');
const STOP_WAIT_MS = 3_000;

/**
 * The launched product, and a second API and worker beside it that reach Postgres and Temporal through proxies: two APIs
 * and two workers against one Temporal and one Postgres. Whoever dies is started again, by the launcher or by the suite.
 */
export class Cluster {
  private readonly second = new Map<ProcessName, Running>();
  private readonly kept: Kept[] = [];

  private constructor(
    readonly brikk: LaunchedBrikk,
    private readonly proxies: Record<Link, TcpProxy>,
    readonly ownerUrl: string,
    readonly apiUrls: readonly string[],
    readonly key: string,
  ) {}

  /** With `agent` behind the proxy of agents. */
  static async up(agent: string): Promise<Cluster> {
    const brikk = await LaunchedBrikk.up();
    const { api, temporal, devKey } = await brikk.status();
    const ownerUrl = ownerUrlOf(brikk.home) as string;
    const [host = '', port] = temporal.address.split(':');
    const postgres = new URL(ownerUrl);
    const proxies = {
      postgres: await TcpProxy.before({ host: postgres.hostname, port: Number(postgres.port) }),
      temporal: await TcpProxy.before({ host, port: Number(port) }),
      agent: await TcpProxy.before({ host: '127.0.0.1', port: Number(new URL(agent).port) }),
    };
    const secondPort = await freePort();
    const urls = [api.url, `http://127.0.0.1:${secondPort}`];
    const cluster = new Cluster(brikk, proxies, ownerUrl, urls, devKey);
    const env = cluster.secondEnvironment(postgres, secondPort);
    await Promise.all([
      cluster.keep('second api', 'apps/api/main.js', env),
      cluster.keep('second worker', 'apps/worker/main.js', env),
    ]);
    return cluster;
  }

  /** Where agents are reached through their proxy. */
  get agentUrl(): string {
    return `http://127.0.0.1:${this.proxies.agent.port}`;
  }

  /** Lets it happen, and ends it when its time is over. */
  async strike(fault: Fault): Promise<void> {
    if (fault.kind === 'network') {
      this.proxies[fault.link].begin(fault.trouble);
      await sleep(fault.forMs);
      this.proxies[fault.link].heal();
      return;
    }
    const pid = this.pidOf(fault.process);
    if (pid === undefined) return; // It is down already.
    if (fault.kind === 'kill') return signal(pid, 'SIGKILL');
    if (fault.kind === 'terminate') return signal(pid, 'SIGTERM');
    signal(pid, 'SIGSTOP');
    await sleep(fault.forMs);
    signal(pid, 'SIGCONT');
  }

  async down(): Promise<void> {
    await Promise.all(this.kept.map((kept) => kept.stop()));
    await this.brikk.down();
    await Promise.all(Object.values(this.proxies).map((proxy) => proxy.stop()));
  }

  private pidOf(name: ProcessName): number | undefined {
    if (name === 'second api' || name === 'second worker') return this.second.get(name)?.pid ?? undefined;
    const { api, workers, temporal, postgres } = readState(this.brikk.home)?.status ?? {};
    const pids = { api: api?.pid, worker: workers?.[0]?.pid, temporal: temporal?.pid, postgres: postgres?.pid };
    return pids[name] ?? undefined;
  }

  private async keep(name: ProcessName, script: string, env: NodeJS.ProcessEnv): Promise<void> {
    const logFile = path.join(this.brikk.home, `${name.replace(' ', '-')}.log`);
    const start = () =>
      startNodeChild({ name, script: path.join(dist, script), env, logFile, stopWaitMs: STOP_WAIT_MS });
    const started = (running: Running) => void this.second.set(name, running);
    this.kept.push(await keepAlive({ name, start, started }, () => undefined));
  }

  private secondEnvironment(postgres: URL, port: number): NodeJS.ProcessEnv {
    const { home } = this.brikk;
    const passwords = JSON.parse(readFileSync(path.join(home, 'db.json'), 'utf8')) as { app: string; dispatch: string };
    const as = (username: string, password: string) =>
      Object.assign(new URL(postgres), { username, password, port: String(this.proxies.postgres.port) }).href;
    return {
      ...process.env,
      BRIKK_ENV: 'development',
      BRIKK_HOME: home,
      BRIKK_PORT: String(port),
      BRIKK_API_URL: `http://127.0.0.1:${port}`,
      BRIKK_API_KEY: this.key,
      BRIKK_RATE_LIMIT: '100000',
      BRIKK_MASTER_KEY: readFileSync(path.join(home, 'master-key'), 'utf8').trim(),
      DATABASE_APP_URL: as('brikk_app', passwords.app),
      DATABASE_DISPATCH_URL: as('brikk_dispatch', passwords.dispatch),
      TEMPORAL_ADDRESS: `127.0.0.1:${this.proxies.temporal.port}`,
      TEMPORAL_NAMESPACE: 'brikk',
    };
  }
}

/** It may be gone by now. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The fault strikes nobody.
  }
}
