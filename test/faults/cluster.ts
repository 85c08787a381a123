import { setTimeout as sleep } from 'node:timers/promises';
import { keepAlive, type Kept, type Running } from '../../apps/cli/up/keep-alive.js';
import { ownerUrlOf } from '../../apps/cli/up/owner-url.js';
import { readState } from '../../apps/cli/up/state-file.js';
import { environmentBeside, startBeside } from '../support/beside.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import type { Fault, Link, ProcessName } from './schedule.js';
import { TcpProxy } from './tcp-proxy.js';

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

  /** With `agent` behind the proxy of agents, and settings of its own. */
  static async up(agent: string, extra: NodeJS.ProcessEnv = {}): Promise<Cluster> {
    const brikk = await LaunchedBrikk.up(undefined, extra);
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
    const env = { ...(await cluster.secondEnvironment(secondPort)), ...extra };
    await Promise.all([cluster.keep('second api', 'api', env), cluster.keep('second worker', 'worker', env)]);
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

  /** Stops it as an operator does; resolves when the one that takes its place is up. */
  async replace(name: ProcessName): Promise<void> {
    const before = this.pidOf(name);
    if (before === undefined) throw new Error(`${name} is not up`);
    signal(before, 'SIGTERM');
    await until(() => ![undefined, before].includes(this.pidOf(name)), 60_000);
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

  private async keep(name: ProcessName, app: 'api' | 'worker', env: NodeJS.ProcessEnv): Promise<void> {
    const start = () => startBeside(this.brikk, { name, app, env });
    const started = (running: Running) => void this.second.set(name, running);
    this.kept.push(await keepAlive({ name, start, started }, () => undefined));
  }

  private async secondEnvironment(port: number): Promise<NodeJS.ProcessEnv> {
    const env = await environmentBeside(this.brikk);
    const proxied = (url?: string) => Object.assign(new URL(url as string), { port: this.proxies.postgres.port }).href;
    return {
      ...env,
      BRIKK_PORT: String(port),
      BRIKK_API_URL: `http://127.0.0.1:${port}`,
      DATABASE_APP_URL: proxied(env['DATABASE_APP_URL']),
      DATABASE_DISPATCH_URL: proxied(env['DATABASE_DISPATCH_URL']),
      TEMPORAL_ADDRESS: `127.0.0.1:${this.proxies.temporal.port}`,
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
