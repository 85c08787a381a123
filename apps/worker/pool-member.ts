import type { PoolMember } from '../../contracts/pools.js';
import type { KeptMember } from '../../database/pool-hosting.js';
import { uuidv7 } from '../../database/uuid.js';
import type { MemberView } from './pool-plan.js';
import type { PoolProcess } from './pool-process.js';

/** Answers missed in a row until a member counts as hanging. */
const MISSED_UNTIL_SICK = 5;
/** Looks without a task in flight, and time for workers to hear of the drain, until a draining member is told to end. */
const IDLE_LOOKS = 2;
const LEAST_DRAIN_MS = 1_500;
/** The SDK gives tasks 8 s. */
const STOP_MS = 10_000;

/** One process of a pool, with what its keeper knows of it. Times are milliseconds of `performance.now()`. */
export class Member {
  readonly id = uuidv7();
  inFlight = 0;
  /** Its lease has ended. */
  isExpired = false;
  private missed = 0;
  private drainingSince: number | undefined;
  private idleLooks = 0;
  private toldToEndAt: number | undefined;
  private readonly startedAt = new Date();

  constructor(
    readonly process: PoolProcess,
    public isBackup: boolean,
    private readonly templateVersion: number,
    readonly began: number,
  ) {}

  get isDraining(): boolean {
    return this.drainingSince !== undefined;
  }

  get instanceId(): string | undefined {
    return this.process.ready?.instanceId;
  }

  /** Whether it answered, and what it has in hand. */
  heard({ isWell, inFlight }: { isWell: boolean; inFlight?: number }): void {
    this.missed = isWell ? 0 : this.missed + 1;
    this.inFlight = inFlight ?? this.inFlight;
  }

  beginDrain(now: number): void {
    this.drainingSince ??= now;
  }

  /** Tells it to end once it has nothing in hand, or its time is over, and ends it when it does not follow. */
  drainOn(now: number, drainMs: number): void {
    if (this.drainingSince === undefined) return;
    const drainedMs = now - this.drainingSince;
    this.idleLooks = this.inFlight === 0 ? this.idleLooks + 1 : 0;
    const isIdle = this.idleLooks >= IDLE_LOOKS && drainedMs >= LEAST_DRAIN_MS;
    if (this.toldToEndAt === undefined && (!this.process.ready || isIdle || drainedMs >= drainMs)) this.tellToEnd(now);
    if (this.toldToEndAt !== undefined && now - this.toldToEndAt > STOP_MS) this.process.stop('SIGKILL');
  }

  tellToEnd(now: number): void {
    this.beginDrain(now);
    this.toldToEndAt ??= now;
    this.process.stop('SIGTERM');
  }

  view(templateVersion: number, order: number): MemberView {
    const isReady = this.process.ready !== undefined;
    const atWork = this.isBackup ? 'backup' : isReady ? 'ready' : 'starting';
    return {
      id: this.id,
      state: this.isDraining ? 'draining' : atWork,
      isReady,
      isSick: this.missed >= MISSED_UNTIL_SICK || this.isExpired,
      isOutdated: this.templateVersion !== templateVersion,
      inFlight: this.inFlight,
      order,
    };
  }

  toKeep(): KeptMember {
    const { ready, pid } = this.process;
    const state: PoolMember['state'] = this.isDraining
      ? 'draining'
      : !ready
        ? 'starting'
        : this.isBackup
          ? 'backup'
          : 'ready';
    return {
      id: this.id,
      state,
      pid: pid ?? null,
      instanceId: ready?.instanceId ?? null,
      endpoint: ready?.url ?? null,
      inFlight: this.inFlight,
      templateVersion: this.templateVersion,
      startedAt: this.startedAt.toISOString(),
      readyAfterMs: ready?.afterMs ?? null,
    };
  }
}
