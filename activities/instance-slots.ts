/** What this worker has under way at one instance. */
export interface Slot {
  taken: number;
  /** When a call to the instance ended, or when this worker first saw it; milliseconds since the epoch. */
  heardAt: number;
}

interface Waiter {
  wants: (instanceId: string) => boolean;
  give: (instanceId: string) => void;
}

/**
 * How many calls this worker has in flight at each instance. Calls that find every slot taken wait in their run's
 * queue, and a freed slot goes to the runs in turn, so that a run of a thousand calls does not starve the others.
 */
export class InstanceSlots {
  /** Kept for good, since contenders hold on to them: one small object for each instance that was ever a candidate. */
  private readonly slots = new Map<string, Slot>();
  /** Runs in the order of their next turn: a run that was served goes to the end. */
  private readonly queues = new Map<string, Waiter[]>();

  slotOf(instanceId: string): Slot {
    const known = this.slots.get(instanceId);
    if (known) return known;
    const slot = { taken: 0, heardAt: Date.now() };
    this.slots.set(instanceId, slot);
    return slot;
  }

  take(instanceId: string): void {
    this.slotOf(instanceId).taken += 1;
  }

  /** Passes the slot on to the next run that waits for this instance, else frees it. */
  release(instanceId: string): void {
    const slot = this.slotOf(instanceId);
    slot.heardAt = Date.now();
    for (const [runId, queue] of this.queues) {
      const place = queue.findIndex(({ wants }) => wants(instanceId));
      if (place < 0) continue;
      const [waiter] = queue.splice(place, 1);
      this.queues.delete(runId);
      if (queue.length > 0) this.queues.set(runId, queue);
      waiter?.give(instanceId);
      return;
    }
    slot.taken -= 1;
  }

  /** The instance whose slot was passed on, already taken; undefined when none came free in time. */
  wait(
    runId: string,
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
      const queue = this.queues.get(runId);
      if (queue) queue.push(waiter);
      else this.queues.set(runId, [waiter]);
    });
  }

  private leave(runId: string, waiter: Waiter): void {
    const queue = this.queues.get(runId)?.filter((other) => other !== waiter) ?? [];
    if (queue.length > 0) this.queues.set(runId, queue);
    else this.queues.delete(runId);
  }
}
