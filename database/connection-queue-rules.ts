import type { Connection } from '../contracts/connections.js';

export type ConnectionTerms = Pick<Connection, 'rateLimit' | 'maxInFlight'>;

/** What of its limits a connection has used. */
export interface UsedLimits {
  /** Of the window that is open now. */
  points: number;
  /** Until that window ends; its whole length when none is open. */
  windowMs: number;
  inFlight: number;
}

/** A call in the line. */
export interface Place {
  /** Calls before it. */
  ahead: number;
  /** Those of them that may still come for their place while it is free; the others are expected later. */
  aheadNow: number;
}

/** Behind the end of a window, so that clocks that differ a little agree that it is over. */
const SETTLE_MS = 10;
/** When a call ends nobody knows: who waits for one looks again so soon, those behind it later. */
const LOOK_AGAIN_MS = 500;
const LONGEST_LOOK_MS = 10_000;

export const isLimited = ({ rateLimit, maxInFlight }: ConnectionTerms): boolean =>
  rateLimit !== null || maxInFlight !== null;

/** Calls of the same run stand so far apart in the line, so that one with a thousand of them does not hold up the others. */
export const spacingMs = ({ rateLimit, maxInFlight }: ConnectionTerms): number =>
  rateLimit ? rateLimit.durationMs / rateLimit.points : 1_000 / (maxInFlight ?? 1);

/** Those who are expected within this time keep their place from others. */
export const reservedMs = ({ rateLimit }: ConnectionTerms, { windowMs }: Pick<UsedLimits, 'windowMs'>): number =>
  // A window's waiters come at its beginning, those of the next one behind its end: the middle tells them apart.
  rateLimit ? windowMs / 2 : LOOK_AGAIN_MS;

/** Milliseconds until it may be a call's turn; undefined: it is now. */
export function waitOf(terms: ConnectionTerms, used: UsedLimits, { ahead, aheadNow }: Place): number | undefined {
  const { rateLimit, maxInFlight } = terms;
  const points = rateLimit ? rateLimit.points - used.points : Number.POSITIVE_INFINITY;
  const slots = maxInFlight === null ? Number.POSITIVE_INFINITY : maxInFlight - used.inFlight;
  if (aheadNow < Math.min(points, slots)) return undefined;
  return Math.max(
    LOOK_AGAIN_MS / 10,
    rateLimit && ahead >= points
      ? used.windowMs + Math.floor((ahead - points) / rateLimit.points) * rateLimit.durationMs + SETTLE_MS
      : 0,
    maxInFlight !== null && ahead >= slots
      ? Math.min(LONGEST_LOOK_MS, LOOK_AGAIN_MS * (1 + Math.floor((ahead - slots) / maxInFlight)))
      : 0,
  );
}
