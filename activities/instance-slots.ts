import { PRIORITIES, type Priority } from '../contracts/priority.js';
import type { Candidate } from '../contracts/candidates.js';
import type { ErrorCode } from '../contracts/errors.js';
import { ConcurrencyLimit } from '../selection/concurrency-limit.js';
import { TrackRecord } from '../selection/track-record.js';

/** What this worker has under way at one instance. */
export interface Slot {
  taken: number;
  /** Where it takes fewer calls at once than it declares. */
  limit?: ConcurrencyLimit;
  /** When a call to the instance ended, or when this worker first saw it; milliseconds since the epoch. */
  heardAt: number;
  /** What this worker has seen of it, by capability. */
  records: Map<string, TrackRecord>;
}

/** Whose call waits. */
export interface WaitingRun {
  runId: string;
  priority: Priority;
}

/** A run that has waited so long without being served goes one priority up. */
const AGEING_MS = 2_000;
/** How long is remembered that a run waited: its calls are deferred in between. */
const REMEMBERED_MS = 10_000;

interface Queue {
  rank: number;
  waiters: Waiter[];
}

interface Waiter {
  wants: (instanceId: string) => boolean;
  give: (instanceId: string) => void;
}

/**
 * How many calls this worker has in flight at each instance. Calls that find every slot taken wait in their run's
 * queue. A freed slot goes to the run of the highest priority, and among equals to the runs in turn, so that a run of a
 * thousand calls does not starve the others; who is not served rises, so that nobody starves behind higher priorities.
 */
export class InstanceSlots {
  /** Kept for good, since contenders hold on to them: one small object for each instance that was ever a candidate. */
  private readonly slots = new Map<string, Slot>();
  /** Runs in the order of their next turn: a run that was served goes to the end. */
  private readonly queues = new Map<string, Queue>();
  /** Since when runs wait without being served, and when that was last looked at. */
  private readonly unserved = new Map<string, { since: number; seenAt: number }>();

  /** `now` gives milliseconds since the epoch. */
  constructor(private readonly now: () => number = Date.now) {}

  slotOf(instanceId: string): Slot {
    const known = this.slots.get(instanceId);
    if (known) return known;
    const slot = { taken: 0, heardAt: Date.now(), records: new Map<string, TrackRecord>() };
    this.slots.set(instanceId, slot);
    return slot;
  }

  recordOf(instanceId: string, capability: string): TrackRecord {
    const { records } = this.slotOf(instanceId);
    const known = records.get(capability);
    if (known) return known;
    const record = new TrackRecord();
    records.set(capability, record);
    return record;
  }

  /** Learns how many calls at once an instance takes, where it has refused one or wants it; while the call has its slot. */
  adapt(
    { instanceId, maxConcurrency, adaptive }: Pick<Candidate, 'instanceId' | 'maxConcurrency' | 'adaptive'>,
    code: ErrorCode | undefined,
    latencyMs: number,
  ): void {
    const slot = this.slotOf(instanceId);
    const isRefused = code === 'agent.rate_limited';
    const isOfUse = isRefused || (code === undefined && (slot.limit !== undefined || adaptive));
    if (!isOfUse) return;
    const limit = (slot.limit ??= new ConcurrencyLimit(maxConcurrency));
    if (isRefused) limit.refused(slot.taken);
    else limit.answered(maxConcurrency, slot.taken, adaptive && latencyMs);
  }

  take(instanceId: string): void {
    this.slotOf(instanceId).taken += 1;
  }

  /** Passes the slot on to a run that waits for this instance, else frees it. */
  release(instanceId: string): void {
    const slot = this.slotOf(instanceId);
    slot.heardAt = Date.now();
    const isOver = slot.limit !== undefined && slot.taken > slot.limit.calls;
    const next = this.queues.size === 0 || isOver ? undefined : this.nextFor(instanceId);
    if (!next) {
      slot.taken -= 1;
      return;
    }
    const { runId, queue, place } = next;
    const [waiter] = queue.waiters.splice(place, 1);
    this.queues.delete(runId);
    this.unserved.delete(runId);
    if (queue.waiters.length > 0) {
      this.queues.set(runId, queue);
      this.remember(runId);
    }
    waiter?.give(instanceId);
  }

  private nextFor(instanceId: string): { runId: string; queue: Queue; place: number } | undefined {
    let next: { runId: string; queue: Queue; place: number } | undefined;
    let best = Number.POSITIVE_INFINITY;
    for (const [runId, queue] of this.queues) {
      const rank = queue.rank - Math.floor((this.now() - (this.unserved.get(runId)?.since ?? this.now())) / AGEING_MS);
      if (rank >= best) continue;
      const place = queue.waiters.findIndex(({ wants }) => wants(instanceId));
      if (place < 0) continue;
      best = rank;
      next = { runId, queue, place };
    }
    return next;
  }

  private remember(runId: string): void {
    const now = this.now();
    const known = this.unserved.get(runId);
    if (known && now - known.seenAt < REMEMBERED_MS) known.seenAt = now;
    else this.unserved.set(runId, { since: now, seenAt: now });
  }

  /** The instance whose slot was passed on, already taken; undefined when none came free in time. */
  wait(
    { runId, priority }: WaitingRun,
    wants: (instanceId: string) => boolean,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    return new Promise((resolve) => {
      const settle = (instanceId: string | undefined) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        resolve(instanceId);
      };
      const waiter: Waiter = { wants, give: settle };
      const giveUp = () => {
        this.leave(runId, waiter);
        settle(undefined);
      };
      const timer = setTimeout(giveUp, waitMs);
      signal.addEventListener('abort', giveUp, { once: true });
      this.remember(runId);
      const queue = this.queues.get(runId);
      if (queue) queue.waiters.push(waiter);
      else this.queues.set(runId, { rank: PRIORITIES[priority], waiters: [waiter] });
    });
  }

  private leave(runId: string, waiter: Waiter): void {
    const queue = this.queues.get(runId);
    if (!queue) return;
    queue.waiters = queue.waiters.filter((other) => other !== waiter);
    this.remember(runId);
    if (queue.waiters.length === 0) this.queues.delete(runId);
    this.forget();
  }

  /** Runs that have waited long ago, and do no longer. */
  private forget(): void {
    const now = this.now();
    for (const [runId, { seenAt }] of this.unserved)
      if (!this.queues.has(runId) && now - seenAt >= REMEMBERED_MS) this.unserved.delete(runId);
  }
}
