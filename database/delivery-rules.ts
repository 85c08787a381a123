import type { AttemptOutcome, DeliveryReason } from '../contracts/webhook-deliveries.js';

const HOUR_MS = 3_600_000;
const MIN_GATEWAY_WAIT_MS = 60_000;
const JITTER = 0.2;

/** What came of one attempt. */
export interface AttemptEnd {
  outcome: AttemptOutcome;
  statusCode?: number;
  /** What the endpoint asked for. */
  retryAfterMs?: number;
}

export interface DeliveryTerms {
  retryScheduleMs: readonly number[];
  /** URLs of the endpoint that have not answered 410, the one of this attempt included. */
  urlsLeft: number;
}

/** What becomes of the delivery. */
export type DeliveryVerdict =
  | { status: 'delivered' }
  | { status: 'retrying'; waitMs: number }
  | { status: 'dead' | 'skipped'; reason: DeliveryReason };

/**
 * The rule of retries: waits by the schedule, each spread by a fifth either way; never sooner than the endpoint asks for, up to
 * an hour; after 502, 504 and time-outs never within a minute. 410 ends it, unless the endpoint has another URL.
 * `attempts` counts this one.
 */
export function afterAttempt(
  end: AttemptEnd,
  attempts: number,
  { retryScheduleMs, urlsLeft }: DeliveryTerms,
  random: () => number = Math.random,
): DeliveryVerdict {
  if (end.outcome === 'ok') return { status: 'delivered' };
  if (end.outcome === 'blocked') return { status: 'skipped', reason: 'blocked' };
  if (end.statusCode === 410 && urlsLeft <= 1) return { status: 'dead', reason: 'gone' };
  const planned = retryScheduleMs[attempts - 1];
  if (planned === undefined) return { status: 'dead', reason: 'exhausted' };
  const spread = Math.round(planned * (1 + JITTER * (2 * random() - 1)));
  return { status: 'retrying', waitMs: Math.max(spread, leastWaitMs(end)) };
}

function leastWaitMs({ outcome, statusCode, retryAfterMs = 0 }: AttemptEnd): number {
  const isGateway = outcome === 'timeout' || statusCode === 502 || statusCode === 504;
  return Math.max(Math.min(retryAfterMs, HOUR_MS), isGateway ? MIN_GATEWAY_WAIT_MS : 0);
}

/** How long an endpoint that answered 429 is left alone; 0 for any other answer. */
export function throttleMs({ statusCode, retryAfterMs = 60_000 }: AttemptEnd): number {
  return statusCode === 429 ? Math.min(retryAfterMs, HOUR_MS) : 0;
}
