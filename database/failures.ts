import { isNativeError } from 'node:util/types';
import { BrikkError } from '../contracts/errors.js';

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  '53300', // too many connections
  '57P01', // the administrator ends the session
  '57P02', // another session crashed
  '57P03', // starting up or stopping
]);

const DISK_FULL = '53100';

/** What a query failed with, in our words: `dependency.unavailable` when Postgres is away, otherwise the error itself. */
export function nameFailure(error: unknown): unknown {
  if (error instanceof Error && 'code' in error && error.code === DISK_FULL)
    return new BrikkError('dependency.unavailable', 'Postgres has no disk space left', {
      cause: error,
      retryAfterMs: 10_000,
    });
  return isUnreachable(error)
    ? new BrikkError('dependency.unavailable', 'Postgres does not answer', { cause: error, retryAfterMs: 1_000 })
    : error;
}

/** Whether Postgres was away, so that the same work can succeed later. */
export const isAway = (error: unknown): boolean =>
  error instanceof BrikkError && error.code === 'dependency.unavailable';

function isUnreachable(error: unknown): boolean {
  // Node's own errors may come from another realm than `Error`, as in tests.
  if (!isNativeError(error) || error instanceof BrikkError) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (UNREACHABLE.has(code) || code.startsWith('08')) return true;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isUnreachable);
  return /^Connection terminated|timeout exceeded when trying to connect|^Client has encountered a connection error|^Query read timeout$/.test(
    error.message,
  );
}
