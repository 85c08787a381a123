import type { OperatorType, WebhookEndpoint } from '../contracts/webhook-endpoints.js';
import { type AttemptEnd, throttleMs } from './delivery-rules.js';
import { failUrl, recoverUrl, type UrlHealth } from './url-health.js';

const BREAKER_WINDOW_MS = 300_000;
const BREAKER_MIN = 10;
const BREAKER_SHARE = 0.7;
const OPEN_MS = 30_000;
const MAX_OPEN_MS = 300_000;
/** Of nothing but failures. */
export const DISABLE_AFTER_MS = 120 * 3_600_000;
const WARNINGS = [50, 70, 90];

/** What is remembered of how an endpoint does. */
export interface EndpointHealth {
  urls: UrlHealth[];
  /** `half_open`: one delivery is on its way to find out. */
  breaker: 'closed' | 'open' | 'half_open';
  timesOpened: number;
  windowStart: number;
  okCount: number;
  failCount: number;
  heldUntil: number | null;
  failingSince: number | null;
  /** Percent of the time to the disabling that was warned of. */
  warnedAt: number;
}

export interface EndedAttempt extends AttemptEnd {
  /** Where it went in the end. */
  url: string;
  /** Those that could not even be reached before. */
  unreached: string[];
}

export interface HealthVerdict {
  health: EndpointHealth;
  /** Undefined where nothing has changed: a healthy endpoint costs no write. */
  isChanged: boolean;
  disabled?: Exclude<WebhookEndpoint['disabledReason'], null>;
  events: { type: Extract<OperatorType, `endpoint.${string}`>; data: Record<string, string | number> }[];
}

/** Whether attempts that all went well say nothing new of it. */
export const isSpotless = ({ breaker, failCount, failingSince, urls }: EndpointHealth): boolean =>
  breaker === 'closed' &&
  failCount === 0 &&
  failingSince === null &&
  urls.every(({ failures, ejectedUntil }) => failures === 0 && ejectedUntil === null);

/**
 * What attempts say of an endpoint, in their order. The breaker opens at ten attempts and seven failures of ten within five
 * minutes (429 does not count), for 30 s, doubled with each probe that fails, up to 5 min; a success closes it. A URL
 * that fails five times in a row is ejected for 30 s times its ejections, and one that answers 410 for good. After 120
 * hours of nothing but failures the endpoint is disabled, with warnings before.
 */
export function healthAfter(before: EndpointHealth, attempts: readonly EndedAttempt[], now: number): HealthVerdict {
  const health: EndpointHealth = { ...before, urls: before.urls.map((url) => ({ ...url })) };
  const verdict: HealthVerdict = { health, isChanged: false, events: [] };
  for (const attempt of attempts) {
    if (attempt.outcome === 'ok' && attempt.unreached.length === 0 && isSpotless(health)) continue;
    verdict.isChanged = true;
    if (attempt.outcome === 'ok') recover(verdict, attempt, now);
    else suffer(verdict, attempt, now);
  }
  return verdict;
}

function recover({ health, events }: HealthVerdict, { url, unreached }: EndedAttempt, now: number): void {
  const wasOpen = health.breaker !== 'closed';
  if (wasOpen || health.warnedAt > 0) events.push({ type: 'endpoint.recovered', data: {} });
  if (wasOpen) Object.assign(health, { breaker: 'closed', heldUntil: null, okCount: 0, failCount: 0 });
  Object.assign(health, { timesOpened: 0, failingSince: null, warnedAt: 0 });
  count(health, true, now);
  recoverUrl(health.urls, url);
  for (const other of unreached) failUrl(health.urls, other, now);
}

function suffer(verdict: HealthVerdict, attempt: EndedAttempt, now: number): void {
  const { health, events } = verdict;
  if (attempt.outcome === 'blocked') {
    verdict.disabled ??= 'blocked';
    return;
  }
  for (const failed of [...attempt.unreached, attempt.url]) failUrl(health.urls, failed, now);
  if (attempt.statusCode === 410) {
    const known = health.urls.find(({ url }) => url === attempt.url);
    if (known) known.state = 'gone';
    if (health.urls.every(({ state }) => state === 'gone')) verdict.disabled ??= 'gone';
  }
  const throttled = throttleMs(attempt);
  if (throttled > 0) health.heldUntil = Math.max(health.heldUntil ?? 0, now + throttled);
  else if (health.breaker === 'half_open') open(health, now);
  else if (health.breaker === 'closed') {
    count(health, false, now);
    const calls = health.okCount + health.failCount;
    if (calls >= BREAKER_MIN && health.failCount / calls >= BREAKER_SHARE) {
      open(health, now);
      events.push({ type: 'endpoint.failing', data: { reason: 'breaker_opened' } });
    }
  } // Those that were under way when it opened say nothing new.
  ageFailure(verdict, now);
}

function open(health: EndpointHealth, now: number): void {
  const waitMs = Math.min(OPEN_MS * 2 ** health.timesOpened, MAX_OPEN_MS);
  const timesOpened = Math.min(health.timesOpened + 1, 10);
  Object.assign(health, { breaker: 'open', timesOpened, okCount: 0, failCount: 0, heldUntil: now + waitMs });
}

function count(health: EndpointHealth, isOk: boolean, now: number): void {
  if (now - health.windowStart >= BREAKER_WINDOW_MS)
    Object.assign(health, { windowStart: now, okCount: 0, failCount: 0 });
  if (isOk) health.okCount += 1;
  else health.failCount += 1;
}

function ageFailure(verdict: HealthVerdict, now: number): void {
  const { health, events } = verdict;
  health.failingSince ??= now;
  const percent = ((now - health.failingSince) / DISABLE_AFTER_MS) * 100;
  if (percent >= 100) verdict.disabled ??= 'failing';
  const reached = WARNINGS.findLast((step) => percent >= step);
  if (verdict.disabled || reached === undefined || reached <= health.warnedAt) return;
  health.warnedAt = reached;
  events.push({ type: 'endpoint.failing', data: { reason: 'only_failures', percent: reached } });
}
