import type { QuotaGrant, QuotaLimit, QuotaRefusal } from '../contracts/quotas.js';

export interface QuotaStanding {
  windowMs: number;
  /** Null where it is not limited. */
  limits: Record<QuotaLimit, number | null>;
  /** In the window that began at `from`, milliseconds since the epoch. */
  used: Record<QuotaLimit, number>;
  from: number;
}

/** As it stands at `now`: in a window that has begun since then nothing is used. */
export function standingAt(standing: QuotaStanding, now: number): QuotaStanding {
  const from = Math.floor(now / standing.windowMs) * standing.windowMs;
  return from === standing.from ? standing : { ...standing, from, used: { calls: 0, tokens: 0, costUsd: 0 } };
}

/** The limit that is used up at `now`, in the order calls, tokens, cost; undefined when a further attempt is covered. */
export function usedUp(standing: QuotaStanding, now: number): QuotaRefusal | undefined {
  const { limits, used } = standing;
  for (const limit of ['calls', 'tokens', 'costUsd'] as const) {
    const most = limits[limit];
    if (most !== null && used[limit] >= most) return refusalOf(standing, { limit, most }, now);
  }
  return undefined;
}

/** Calls are counted before they are made and never exceed their limit; what they use is known when they have ended. */
export function grantCalls(standing: QuotaStanding, asked: number, now: number): QuotaGrant {
  const refusal = usedUp(standing, now);
  if (refusal) return { granted: 0, refusal };
  const { limits, used } = standing;
  const most = limits.calls;
  if (most === null || used.calls + asked <= most) return { granted: asked };
  return { granted: most - used.calls, refusal: refusalOf(standing, { limit: 'calls', most }, now) };
}

const refusalOf = (
  { windowMs, from }: QuotaStanding,
  reached: Pick<QuotaRefusal, 'limit' | 'most'>,
  now: number,
): QuotaRefusal => ({ ...reached, windowMs, waitMs: Math.max(1, from + windowMs - now) });
