import { HttpException } from '@nestjs/common';
import { BrikkError, ERRORS, type ErrorCode, type Problem } from '../../../contracts/errors.js';

export const PROBLEM_TYPE = 'application/problem+json';
const TYPE_BASE = 'https://brikk.dev/errors/';

/** RFC 9457 problem details of any failure; what nobody planned is `internal` and says nothing of its cause. */
export function toProblem(error: unknown, requestId: string): { problem: Problem; retryAfterSeconds?: number } {
  const named = nameError(error);
  const { status, title } = ERRORS[named.code];
  const retryAfterMs = named.retryAfterMs ?? (status === 503 || status === 429 ? 1_000 : undefined);
  const { code, message: detail, violations } = named;
  const problem = {
    type: TYPE_BASE + code,
    title,
    status,
    code,
    detail,
    ...(violations ? { errors: violations } : {}),
    requestId,
  };
  return retryAfterMs === undefined
    ? { problem }
    : { problem, retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)) };
}

/** Nest and the adapter throw only for what never reached a route. */
function nameError(error: unknown): BrikkError {
  if (error instanceof BrikkError) return error;
  if (error instanceof HttpException && error.getStatus() < 500)
    return new BrikkError(codeOf(error.getStatus()), 'No route has this path: /openapi.json lists them all', {
      cause: error,
    });
  return new BrikkError('internal', 'Something failed on our side; the log has the request id', { cause: error });
}

function codeOf(status: number): ErrorCode {
  return status === 413 ? 'body.too_large' : 'request.not_found';
}
