import { classifyFailure } from '../connectors/lib/classify-failure.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import { BrikkError } from '../contracts/errors.js';
import { InputRequired } from '../contracts/input-required.js';
import type { Usage } from '../contracts/usage.js';

/** The failure of an agent that is reached through the guarded client, without what is hidden; others go through. */
export function agentFailure(error: unknown, hide: (text: string) => string, usage?: Usage): unknown {
  const failure = error instanceof WebFailure ? nameOf(error) : error;
  if (!(failure instanceof BrikkError) || failure instanceof InputRequired) return failure;
  const { code, message, retryAfterMs } = failure;
  return new BrikkError(code, hide(message), {
    cause: error,
    usage: usage ?? failure.usage,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function nameOf(failure: WebFailure): BrikkError {
  const { kind, message } = failure;
  switch (kind) {
    case 'unreachable': {
      // Where nothing reached the agent, another one is asked at once.
      const { code } = classifyFailure({ kind: 'thrown', error: failure });
      return new BrikkError(code, message, { cause: failure });
    }
    case 'timeout':
      return new BrikkError('agent.timeout', message);
    case 'refused':
    case 'unauthenticated':
      return new BrikkError('agent.permanent', message);
    case 'invalid':
      return new BrikkError('agent.invalid_output', message);
    case 'canceled':
      return new BrikkError('agent.canceled', message);
  }
}
