import { BrikkError, type ErrorCode } from '../../contracts/errors.js';
import { codeIn, NOT_CONNECTED } from './not-connected.js';
import { parseRetryAfter } from './retry-after.js';

/** How a request to an agent went wrong. */
export type AgentFailure =
  | { kind: 'status'; status: number; retryAfter?: string; detail?: string }
  | { kind: 'timeout'; timeoutMs: number }
  | { kind: 'silent'; idleMs: number }
  | { kind: 'cut' }
  | { kind: 'too_large' }
  | { kind: 'canceled' }
  | { kind: 'answer'; reason: string }
  | { kind: 'thrown'; error: unknown };

/**
 * The one place that names an agent's failure. 400, 409, 413 and 422 reject this task; any other 4xx but 408 and 429
 * says that this agent cannot do it; everything else is a failed attempt that another try may mend.
 */
export function classifyFailure(failure: AgentFailure): BrikkError {
  switch (failure.kind) {
    case 'canceled':
      return new BrikkError('agent.canceled', 'The call was canceled');
    case 'timeout':
      return new BrikkError('agent.timeout', `The agent did not answer within ${failure.timeoutMs} ms`);
    case 'silent':
      return new BrikkError('agent.timeout', `The agent said nothing for ${failure.idleMs} ms`);
    case 'cut':
      return new BrikkError('agent.transient', 'The stream of the answer ended without a result');
    case 'too_large':
      return new BrikkError('agent.invalid_output', 'The answer is larger than 10 MiB');
    case 'answer':
      return new BrikkError('agent.invalid_output', `The agent's answer cannot be used: ${failure.reason}`);
    case 'status':
      return classifyStatus(failure);
    case 'thrown':
      return classifyThrown(failure.error);
  }
}

function classifyStatus(failure: Extract<AgentFailure, { kind: 'status' }>): BrikkError {
  const { status, detail } = failure;
  const message = `The agent answered ${status}${detail ? `: ${detail}` : ''}`;
  const retryAfterMs = parseRetryAfter(failure.retryAfter);
  return new BrikkError(codeOf(status), message, { ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

function codeOf(status: number): ErrorCode {
  if (status === 408) return 'agent.timeout';
  if (status === 429) return 'agent.rate_limited';
  if ([400, 409, 413, 422].includes(status)) return 'agent.rejected';
  if (status >= 400 && status < 500) return 'agent.permanent';
  return status >= 500 ? 'agent.transient' : 'agent.invalid_output';
}

function classifyThrown(error: unknown): BrikkError {
  const code = codeIn(error);
  if (code === 'BRIKK_REFUSED_ADDRESS')
    return new BrikkError('agent.permanent', `The endpoint is not allowed: ${(error as Error).message}`, {
      cause: error,
    });
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return new BrikkError('agent.invalid_output', 'The answer is larger than 10 MiB', { cause: error });
  if ((error as Error | undefined)?.name === 'HTTPParserError')
    return new BrikkError('agent.invalid_output', 'The agent does not answer with HTTP', { cause: error });
  if (code !== undefined && NOT_CONNECTED.has(code))
    return new BrikkError('agent.unavailable', `The agent cannot be reached (${code})`, { cause: error });
  return new BrikkError('agent.transient', `The connection broke${code ? ` (${code})` : ''}`, { cause: error });
}
