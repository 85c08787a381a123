import type { AgentSaid } from '../contracts/agent-progress.js';
import type { Json } from '../contracts/json.js';

type Generated = Pick<AsyncGenerator | Generator, 'next' | 'return'>;

/**
 * What a function gives. A generator is told of piece by piece: text as the next piece of the output, anything else as
 * progress (`data`). Its output is what it returns; when that is nothing, its pieces: one text, or a list.
 */
export async function generatedOutput(
  given: unknown,
  tell: (said: AgentSaid) => void,
  signal: AbortSignal,
): Promise<unknown> {
  if (!isGenerator(given)) return given;
  const pieces: unknown[] = [];
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = (await given.next()) as IteratorResult<unknown>;
      if (done) return value === undefined ? whole(pieces) : value;
      pieces.push(value);
      tell(typeof value === 'string' ? { text: value } : { data: value as Json });
    }
  } finally {
    await given.return(undefined);
  }
}

const whole = (pieces: unknown[]): unknown =>
  pieces.length > 0 && pieces.every((piece) => typeof piece === 'string') ? pieces.join('') : pieces;

function isGenerator(given: unknown): given is Generated {
  if (typeof given !== 'object' || given === null) return false;
  const { next, return: end } = given as Partial<Generated>;
  return typeof next === 'function' && typeof end === 'function';
}
