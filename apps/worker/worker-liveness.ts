import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { ActivityInHand, ActivityRef, WorkerLease } from '../../database/worker-lease.js';
import { inLanes } from './wakeful-loop.js';

/** Between two writes; what begins and is over between them is never written down. */
const NOTE_EVERY_MS = 20;
/** A lock that is free twice, so long apart, is that of a dead worker: one that lost its session is back sooner. */
const LOOK_EVERY_MS = 250;
const TAKEN_OVER_AT_ONCE = 20;

export interface LivenessRecord {
  /** Undefined while the lock of this worker is another's. */
  take(): Promise<WorkerLease | undefined>;
  /** Gives an activity that a dead worker had in hand back to the engine; one that is over already is no failure. */
  giveBack(activity: ActivityRef, deadWorkerId: string): Promise<void>;
}

/**
 * Says for as long as this process lives that it does, keeps on record which activities it has in hand, and gives those
 * of dead workers back to the engine, which lets others make them at once. Heartbeats to the engine could tell the same
 * only after a silence, in which a worker that stalls cannot be told from a dead one.
 */
export class WorkerLiveness {
  private readonly inHand = new Map<number, ActivityInHand>();
  private written = new Set<number>();
  private over: number[] = [];
  private count = 0;
  private notedAt = -Infinity;
  private lease: WorkerLease | undefined;
  private suspects = new Set<string>();
  private looking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private noting: NodeJS.Timeout | undefined;
  private isStopped = false;
  private problem: string | undefined;

  constructor(
    private readonly workerId: string,
    private readonly record: LivenessRecord,
    private readonly log: Logger,
  ) {}

  /** Knows what is in hand. */
  readonly interceptor: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        const { workflowExecution: execution, heartbeatTimeoutMs, activityId } = info;
        if (!execution || heartbeatTimeoutMs === undefined) return next(input);
        const id = this.begin({ workflowId: execution.workflowId, executionId: execution.runId, activityId });
        try {
          return await next(input);
        } finally {
          this.finish(id);
        }
      },
    },
  });

  /** Resolves after the first look; what fails is tried again. */
  async start(): Promise<void> {
    this.timer = setInterval(() => this.wake(), LOOK_EVERY_MS);
    this.wake();
    await this.looking;
  }

  /** For a worker that has nothing in hand any more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    clearTimeout(this.noting);
    await this.looking;
    await this.lease?.remove(this.workerId).catch(() => undefined); // Another finds that nothing was in hand.
    await this.lease?.end();
  }

  private begin(activity: ActivityRef): number {
    const id = ++this.count;
    this.inHand.set(id, { ...activity, id });
    const dueInMs = Math.max(0, this.notedAt + NOTE_EVERY_MS - performance.now());
    this.noting ??= setTimeout(() => void this.note(), dueInMs);
    return id;
  }

  private finish(id: number): void {
    this.inHand.delete(id);
    if (this.written.delete(id)) this.over.push(id);
  }

  /** Not awaited by the activities: without it they wait for the engine's own time limit after this worker's death. */
  private async note(): Promise<void> {
    this.noting = undefined;
    this.notedAt = performance.now();
    const { lease, over } = this;
    if (!lease || this.isStopped) return;
    const begun = [...this.inHand.values()].filter(({ id }) => !this.written.has(id));
    if (begun.length === 0 && over.length === 0) return;
    this.over = [];
    for (const { id } of begun) this.written.add(id);
    await lease.keep(begun, over).catch((error: unknown) => this.lose(lease, error));
  }

  private wake(): void {
    this.looking ??= this.look().finally(() => (this.looking = undefined));
  }

  private async look(): Promise<void> {
    if (this.isStopped) return;
    const lease = this.lease ?? (await this.take());
    if (!lease) return;
    try {
      await this.note();
      const lapsed = await lease.lockLapsed();
      for (const workerId of lapsed) {
        if (this.suspects.has(workerId)) await this.takeOver(lease, workerId);
        await lease.unlock(workerId);
      }
      this.suspects = new Set(lapsed);
      if (this.problem !== undefined) this.log.info('workers are looked after again');
      this.problem = undefined;
    } catch (error) {
      this.lose(lease, error);
    }
  }

  private async take(): Promise<WorkerLease | undefined> {
    try {
      const lease = await this.record.take();
      if (!lease) return undefined;
      this.lease = lease;
      this.written = new Set();
      this.over = [];
      void lease.ended.then(() => this.lose(lease));
      return lease;
    } catch (error) {
      this.report(error);
      return undefined;
    }
  }

  /** Ends the session, with all its locks, and takes another. */
  private lose(lease: WorkerLease, error?: unknown): void {
    if (this.lease !== lease) return;
    this.lease = undefined;
    if (error !== undefined) this.report(error);
    void lease.end().then(() => {
      if (!this.isStopped) this.wake();
    });
  }

  private async takeOver(lease: WorkerLease, workerId: string): Promise<void> {
    const activities = await lease.activitiesOf(workerId);
    try {
      await inLanes(activities, TAKEN_OVER_AT_ONCE, async (activity) => {
        await this.record.giveBack(activity, workerId);
        // By now another may have it in hand, who must not lose it to a second look.
        await lease.forget(workerId, activity);
      });
    } catch (error) {
      return this.report(error); // The engine is away: the next look finds the lock free again.
    }
    await lease.remove(workerId);
    this.log.warn({ dead: workerId, activities: activities.length }, 'a worker has died: others take over its calls');
  }

  private report(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (this.problem !== reason) this.log.warn({ reason }, 'workers are not looked after: trying again');
    this.problem = reason;
  }
}
