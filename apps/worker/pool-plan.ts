import type { Recovery } from '../../contracts/pools.js';

/** A process of a pool as its keeper sees it. */
export interface MemberView {
  id: string;
  /** `backup`: started to stand by, whether or not it is ready. */
  state: 'starting' | 'ready' | 'backup' | 'draining';
  isReady: boolean;
  /** It hangs: it does not answer, or has lost its lease. */
  isSick: boolean;
  /** Its template has changed since. */
  isOutdated: boolean;
  inFlight: number;
  /** The higher, the newer. */
  order: number;
}

export interface PoolView {
  size: number;
  min: number;
  backups: number;
  recovery: Recovery;
  /** Members that have ended unasked and are not replaced. */
  lost: number;
  /** False while it waits after failed starts. */
  mayStart: boolean;
  members: MemberView[];
}

/** What brings a pool to what it is to be. */
export interface PoolPlan {
  start: number;
  startBackups: number;
  /** Backups that take calls from now on. */
  wake: string[];
  /** Those that get no new calls, and end when they are idle. */
  drain: string[];
  /** Those that end at once. */
  kill: string[];
}

/** Members that a pool is to have now: those of a degraded one are fewer, but `min` and at least one. */
export function wantedMembers({
  size,
  min,
  recovery,
  lost,
}: Omit<PoolView, 'members' | 'backups' | 'mayStart'>): number {
  return recovery === 'degraded_mode' ? Math.max(Math.min(size, Math.max(min, 1)), size - lost) : size;
}

/**
 * The next steps of a pool. Missing members are backups first, then new processes; surplus ones drain, those first that are
 * not ready or have least to do. Outdated members, and sick ones under `replacement`, stay until others stand in for them.
 */
export function planPool(pool: PoolView): PoolPlan {
  const { members, backups, recovery, mayStart } = pool;
  const wanted = wantedMembers(pool);
  const there = members.filter(({ state }) => state !== 'draining');
  const sound = there.filter(({ isSick, isOutdated }) => !isSick && !isOutdated);
  const spare = sound.filter(({ state }) => state === 'backup').toSorted((a, b) => leastLoss(b, a));
  const active = sound.filter(({ state }) => state !== 'backup');

  const missing = Math.max(0, wanted - active.length);
  const wake = spare.filter(({ isReady }) => isReady).slice(0, missing);
  const missingSpare = Math.max(0, backups - (spare.length - wake.length));
  const ready = active.filter(({ isReady }) => isReady).length + wake.length;

  const surplus = active.toSorted(leastLoss).slice(0, Math.max(0, active.length - wanted));
  const surplusSpare = spare.slice(wake.length).slice(Math.min(backups, spare.length - wake.length));
  const sick = there.filter(({ isSick }) => isSick);
  const isReplaced = recovery !== 'replacement' || ready >= wanted;
  const outdated = there.filter(
    (member) => member.isOutdated && !member.isSick && (ready >= wanted || member.state === 'backup'),
  );
  return {
    start: mayStart ? missing - wake.length : 0,
    startBackups: mayStart ? missingSpare : 0,
    wake: wake.map(({ id }) => id),
    drain: [...surplus, ...surplusSpare, ...outdated].map(({ id }) => id),
    kill: (isReplaced ? sick : sick.filter(({ state }) => state === 'backup')).map(({ id }) => id),
  };
}

function leastLoss(a: MemberView, b: MemberView): number {
  return Number(a.isReady) - Number(b.isReady) || a.inFlight - b.inFlight || b.order - a.order;
}

/** Starts that have failed one after the other, or ended young, until the pool is in a crash loop. */
export const CRASH_LOOP_AT = 5;
/** Who has lived so long has not ended young. */
export const STABLE_MS = 30_000;
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 60_000;

/** Milliseconds until the next start, after so many failures in a row. */
export const restartDelayMs = (failures: number): number =>
  failures === 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
