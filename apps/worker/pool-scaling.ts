import type { PoolSettings, ScaleReason } from '../../contracts/pools.js';

/** What a pool has to do now. */
export interface Demand {
  /** Members that take calls, and the slots of each. */
  ready: number;
  slots: number;
  inFlight: number;
  /** Calls that wait for a slot. */
  queued: number;
}

type Target = Pick<PoolSettings, 'min' | 'max' | 'targetUtilisation' | 'tolerance'>;

/**
 * How many members the demand asks for: `size × utilisation ÷ target` of the Kubernetes HorizontalPodAutoscaler, where calls
 * that wait count as utilisation; the size itself within the tolerance. Within `min` and `max`.
 */
export function wantedSize(size: number, demand: Demand, { min, max, targetUtilisation, tolerance }: Target): number {
  const clamp = (count: number) => Math.min(max, Math.max(min, count));
  const calls = demand.inFlight + demand.queued;
  if (demand.ready === 0 || demand.slots === 0) return clamp(calls > 0 ? Math.max(size, 1) : size);
  const ratio = calls / (demand.ready * demand.slots) / targetUtilisation;
  if (Math.abs(ratio - 1) <= tolerance) return clamp(size);
  // What is in hand exactly fills a slot must not ask for one more for the sake of the last bit.
  return clamp(Math.ceil(calls / (demand.slots * targetUtilisation) - 1e-9));
}

interface Wish {
  at: number;
  size: number;
}

type Paces = Pick<PoolSettings, 'scaleUp' | 'scaleDown'>;

/**
 * Remembers what was wanted and gives the size that all of it agrees on: up to the least of the last `scaleUp.windowMs`, down
 * to the most of the last `scaleDown.windowMs`, at most `step` members in `everyMs`. Who has watched for less than a window
 * does not shrink yet.
 */
export class ScaleHistory {
  private wishes: Wish[] = [];
  private changes: { at: number; by: number }[] = [];

  constructor(private readonly since: number) {}

  /** `now` in milliseconds of a clock that only goes forward. */
  next(now: number, size: number, wanted: number, { scaleUp, scaleDown }: Paces): number {
    const longestMs = Math.max(scaleUp.windowMs, scaleDown.windowMs);
    this.wishes = [...this.wishes.filter(({ at }) => now - at <= longestMs), { at: now, size: wanted }];
    const within = (ms: number) => this.wishes.filter(({ at }) => now - at <= ms).map((wish) => wish.size);
    const has = (ms: number) => now - this.since >= ms;
    const up = has(scaleUp.windowMs) ? Math.min(...within(scaleUp.windowMs)) : size;
    if (up > size) return this.stepTo(now, size, up, scaleUp);
    const down = has(scaleDown.windowMs) ? Math.max(...within(scaleDown.windowMs)) : size;
    return down < size ? this.stepTo(now, size, down, scaleDown) : size;
  }

  private stepTo(
    now: number,
    size: number,
    wanted: number,
    { step, everyMs }: { step: number; everyMs: number },
  ): number {
    const way = Math.sign(wanted - size);
    this.changes = this.changes.filter(({ at }) => now - at < 3_600_000);
    const done = this.changes
      .filter(({ at, by }) => now - at < everyMs && Math.sign(by) === way)
      .reduce((sum, { by }) => sum + Math.abs(by), 0);
    const by = way * Math.min(Math.abs(wanted - size), Math.max(0, step - done));
    if (by !== 0) this.changes.push({ at: now, by });
    return size + by;
  }
}

/** In the words of `pool.scaled`. */
export function reasonOf(from: number, to: number, { queued }: Demand): ScaleReason {
  if (to < from) return 'idle';
  return queued > 0 ? 'backlog' : 'utilisation';
}
