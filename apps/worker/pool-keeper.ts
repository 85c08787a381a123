import type { Logger } from 'pino';
import type { PoolState, ScaleReason } from '../../contracts/pools.js';
import type { AgentHealth } from '../../connectors/http/http-agent.connector.js';
import type { HostedPool, KeptMember, PoolFacts } from '../../database/pool-hosting.js';
import type { MeasuredPool } from '../../database/entities/agent-pool.entity.js';
import { Member } from './pool-member.js';
import { planPool, type PoolPlan, wantedMembers } from './pool-plan.js';
import { startPoolProcess } from './pool-process.js';
import { type Demand, reasonOf, ScaleHistory, wantedSize } from './pool-scaling.js';
import { RestartPace } from './restart-pace.js';
import { Throughput } from './throughput.js';

/** What keeping one pool asks of Postgres. */
export interface PoolRecord {
  /** Undefined when another host has it by now. */
  load(): Promise<HostedPool | undefined>;
  /** Ends what the host before has left; gives the key of the new processes. */
  takeOver(agent: string): Promise<string>;
  facts(agent: string, instanceIds: string[]): Promise<PoolFacts>;
  keep(pool: { state: PoolState; reason: string | null; measured: MeasuredPool; members: KeptMember[] }): Promise<void>;
  wake(instanceIds: string[]): Promise<void>;
  drain(instanceIds: string[]): Promise<void>;
  end(instanceIds: string[]): Promise<void>;
  scale(name: string, size: number, reason: ScaleReason): Promise<unknown>;
  remove(): Promise<void>;
}

export interface KeeperOptions {
  record: PoolRecord;
  connector: { health(endpoint: string, timeoutMs?: number): Promise<AgentHealth> };
  apiUrl: string;
  log: Logger;
  /** Something has happened to a process: look at the pool soon. */
  onChange: () => void;
  /** What the processes print, line by line. */
  onLine?: (line: string) => void;
}

const HEALTH_MS = 2_000;
const CLOSE_MS = 2_000;

/** Has the processes of one pool, as many as it is to have, on this host. */
export class PoolKeeper {
  private readonly members = new Map<string, Member>();
  private readonly pace = new RestartPace();
  private readonly history = new ScaleHistory(performance.now());
  private readonly throughput = new Throughput();
  private apiKey: { agent: string; key: string } | undefined;
  private lost = 0;
  private wish: string | undefined;
  private kept = '';
  private looking: Promise<void> | undefined;

  constructor(private readonly options: KeeperOptions) {}

  /** Takes the next steps; one look at a time. */
  look(): Promise<void> {
    return (this.looking ??= this.lookOnce().finally(() => (this.looking = undefined)));
  }

  /** Another host has the pool, or this one stops: all processes end. */
  async close(): Promise<void> {
    await this.looking?.catch(() => undefined);
    const processes = [...this.members.values()].map((member) => member.process);
    for (const process of processes) process.stop('SIGTERM');
    const timer = setTimeout(() => processes.forEach((process) => process.stop('SIGKILL')), CLOSE_MS);
    await Promise.all(processes.map(({ exited }) => exited));
    clearTimeout(timer);
  }

  private async lookOnce(): Promise<void> {
    const { record } = this.options;
    const pool = await record.load();
    if (!pool) return; // The host notices.
    const { agent } = pool.template;
    if (this.apiKey?.agent !== agent) this.apiKey = { agent, key: await record.takeOver(agent) };
    await this.reap(pool);
    const facts = await this.learn(pool);
    this.heedPersons(pool);
    if (pool.state === 'deleting') return this.endAll(pool, facts);
    await this.carryOut(pool, this.plan(pool));
    this.drainOn(pool);
    await this.autoscale(pool, facts);
    await this.keep(pool, facts);
  }

  /** Who gives it another size by hand, or mends its template, wants it tried again, at once and whole. */
  private heedPersons({ scaledAt, template: { version } }: HostedPool): void {
    const wish = `${scaledAt} ${version}`;
    if (this.wish !== undefined && wish !== this.wish) {
      this.pace.reset();
      this.lost = 0;
    }
    this.wish = wish;
  }

  /** What has ended is out of the registry at once, and counted when nobody had asked for it. */
  private async reap({ template: { recovery, readyWithinMs } }: HostedPool): Promise<void> {
    const now = performance.now();
    const ended = [...this.members.values()].filter(({ process }) => process.ended !== undefined);
    for (const { id, began, isDraining, process } of ended) {
      this.members.delete(id);
      if (isDraining) continue;
      const wasReady = process.ready !== undefined;
      this.pace.failed(now, now - began, wasReady, process.ended ?? '');
      if (recovery === 'degraded_mode' && wasReady) this.lost += 1;
      this.options.log.warn({ pid: process.pid, reason: process.ended }, 'a process of a pool has ended');
    }
    if (!this.pace.mayStart(now)) setTimeout(this.options.onChange, this.pace.waitMs(now)).unref();
    await this.options.record.end(ended.flatMap(({ instanceId }) => instanceId ?? []));
    for (const member of this.members.values()) {
      if (member.process.ready) this.pace.lives(now - member.began);
      else if (now - member.began > readyWithinMs) member.process.stop('SIGKILL');
    }
  }

  /** Asks the members how they are, and the registry what it knows of them. */
  private async learn({ template: { agent } }: HostedPool): Promise<PoolFacts> {
    const registered = [...this.members.values()].filter(({ process }) => process.ready);
    await Promise.all(
      registered.map(async (member) =>
        member.heard(await this.options.connector.health(member.process.ready?.url ?? '', HEALTH_MS)),
      ),
    );
    const ids = registered.flatMap(({ instanceId }) => instanceId ?? []);
    const facts = await this.options.record.facts(agent, ids);
    const now = performance.now();
    for (const instance of facts.instances) {
      const member = registered.find(({ instanceId }) => instanceId === instance.id);
      if (!member) continue;
      member.isExpired = instance.isExpired;
      // An operator has drained it: another one takes its place.
      if (instance.isDraining) member.beginDrain(now);
    }
    return facts;
  }

  private plan({ size, settings, template }: HostedPool): PoolPlan {
    return planPool({
      size,
      min: settings.min,
      backups: settings.backups,
      recovery: template.recovery,
      lost: this.lost,
      mayStart: this.pace.mayStart(performance.now()),
      members: [...this.members.values()].map((member, order) => member.view(template.version, order)),
    });
  }

  private async carryOut(pool: HostedPool, plan: PoolPlan): Promise<void> {
    const { record } = this.options;
    const membersOf = (ids: string[]) => ids.flatMap((id) => this.members.get(id) ?? []);
    const instancesOf = (members: Member[]) => members.flatMap(({ instanceId }) => instanceId ?? []);
    const woken = membersOf(plan.wake);
    await record.wake(instancesOf(woken));
    for (const member of woken) member.isBackup = false;
    const drained = membersOf(plan.drain);
    await record.drain(instancesOf(drained));
    for (const member of drained) member.beginDrain(performance.now());
    for (const member of membersOf(plan.kill)) member.process.stop('SIGKILL');
    for (let n = 0; n < plan.start; n += 1) this.start(pool, false);
    for (let n = 0; n < plan.startBackups; n += 1) this.start(pool, true);
  }

  private start({ template }: HostedPool, standby: boolean): void {
    const { apiUrl, onChange, onLine = () => undefined } = this.options;
    const apiKey = this.apiKey?.key ?? '';
    const process = startPoolProcess({ template, apiUrl, apiKey, standby, onChange, onLine });
    const member = new Member(process, standby, template.version, performance.now());
    this.members.set(member.id, member);
  }

  private drainOn({ template: { drainMs } }: HostedPool): void {
    const now = performance.now();
    for (const member of this.members.values()) member.drainOn(now, drainMs);
  }

  private async endAll(pool: HostedPool, facts: PoolFacts): Promise<void> {
    const all = [...this.members.values()];
    if (all.length === 0) return this.options.record.remove();
    const atWork = all.filter(({ isDraining }) => !isDraining);
    await this.options.record.drain(atWork.flatMap(({ instanceId }) => instanceId ?? []));
    for (const member of atWork) member.beginDrain(performance.now());
    this.drainOn(pool);
    await this.keep(pool, facts);
  }

  private get atWork(): Member[] {
    return [...this.members.values()].filter(
      ({ process, isBackup, isDraining }) => process.ready && process.ended === undefined && !isBackup && !isDraining,
    );
  }

  private async autoscale({ name, size, settings }: HostedPool, { instances, queued }: PoolFacts): Promise<void> {
    if (settings.min >= settings.max || this.pace.isCrashLoop) return;
    const { atWork } = this;
    const slots = instances.length === 0 ? 0 : instances.reduce((sum, one) => sum + one.slots, 0) / instances.length;
    const inFlight = atWork.reduce((sum, member) => sum + member.inFlight, 0);
    const demand: Demand = { ready: atWork.length, slots, inFlight, queued };
    const next = this.history.next(performance.now(), size, wantedSize(size, demand, settings), settings);
    if (next === size) return;
    const reason = reasonOf(size, next, demand);
    await this.options.record.scale(name, next, reason);
    this.options.log.info({ from: size, to: next, reason, ...demand }, 'a pool was scaled');
    this.options.onChange();
  }

  private async keep(pool: HostedPool, { queued, calls, latencyMs }: PoolFacts): Promise<void> {
    const { state, reason } = this.stateOf(pool);
    const throughputPerS = this.throughput.next(performance.now(), calls);
    const avgResponseMs = latencyMs === null ? null : Math.round(latencyMs * 10) / 10;
    const measured = { queue: queued, avgResponseMs, throughputPerS };
    const now = { state, reason, measured, members: [...this.members.values()].map((member) => member.toKeep()) };
    const text = JSON.stringify(now);
    if (text === this.kept) return;
    await this.options.record.keep(now);
    this.kept = text;
  }

  private stateOf(pool: HostedPool): { state: PoolState; reason: string | null } {
    const now = performance.now();
    const ready = this.atWork.length;
    const { size, settings, template, state } = pool;
    const wanted = wantedMembers({ size, min: settings.min, recovery: template.recovery, lost: this.lost });
    const why = this.pace.reason(now) ?? null;
    if (state === 'deleting') return { state, reason: `${this.members.size} members finish what they are doing` };
    if (this.pace.isCrashLoop) return { state: 'crash_loop', reason: why };
    if (ready < wanted)
      return { state: 'starting', reason: why ?? `${wanted - ready} of ${wanted} members are missing` };
    if (wanted < size)
      return { state: 'degraded', reason: `${size - wanted} of ${size} members have ended and are not replaced` };
    return { state: 'ready', reason: null };
  }
}
