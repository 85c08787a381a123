import { BrikkError, type ErrorCode } from '../../contracts/errors.js';
import type { Provider } from '../../contracts/providers.js';
import type { ConnectorAnswer } from './connector-action.js';
import { parseRetryAfter } from './retry-after.js';

const MAX_WAIT_MS = 3_600_000;

/** What an answer that is none of 2xx means, and when there is sense in asking again. */
export function answerFailure(
  { status, headers }: Pick<ConnectorAnswer, 'status' | 'headers'>,
  { rateLimit }: Pick<Provider, 'rateLimit'>,
  host: string,
  now = Date.now(),
): BrikkError {
  const { remaining = '', resetAt = '' } = rateLimit;
  const isUsedUp = headers[remaining] === '0';
  const asked = parseRetryAfter(headers['retry-after'], now);
  // Secondary limits are told as 403 with a time to wait, or with nothing left.
  const isLimited = status === 429 || (status === 403 && (asked !== undefined || isUsedUp));
  const reset = isUsedUp ? Number(headers[resetAt]) * 1_000 - now : Number.NaN;
  const waitMs = asked ?? (Number.isFinite(reset) ? Math.max(0, reset) : undefined);
  const code = isLimited ? 'connector.rate_limited' : codeOf(status);
  return new BrikkError(code, `${host} answered ${status}`, {
    ...(waitMs !== undefined && { retryAfterMs: Math.min(waitMs, MAX_WAIT_MS) }),
  });
}

function codeOf(status: number): ErrorCode {
  switch (status) {
    case 401:
      return 'connector.auth';
    case 403:
      return 'connector.forbidden';
    case 404:
      return 'connector.not_found';
    case 408:
      return 'connector.unavailable';
    case 409:
      return 'connector.conflict';
    default:
      return status >= 500 ? 'connector.unavailable' : 'connector.validation';
  }
}
