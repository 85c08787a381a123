import type { TaskAnswer } from '../contracts/agent-protocol.js';
import type { Candidate } from '../contracts/candidates.js';
import { BrikkError } from '../contracts/errors.js';
import { pause } from './backoff.js';

/** One attempt and what came of it. */
export interface Sent {
  candidate: Candidate;
  result: TaskAnswer | BrikkError;
}
type Send<Result> = (signal: AbortSignal) => Promise<Result>;

const hasAnswer = ({ result }: Sent): boolean => !(result instanceof BrikkError);

/**
 * Asks a second instance when the first has not answered after `afterMs`; the first answer wins, and the other request is
 * given up. Gives the one that answered, or all that failed. `second` gives undefined when there is nobody to ask.
 * After J. Dean and L. A. Barroso, The Tail at Scale (2013).
 */
export async function hedge(
  first: Send<Sent>,
  second: Send<Sent | undefined>,
  { afterMs, signal }: { afterMs: number; signal: AbortSignal },
): Promise<Sent[]> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    const one = first(either);
    const timely = await Promise.race([one, pause(afterMs, either)]);
    if (timely) return [timely];
    const two = second(either);
    two.catch(() => undefined); // Heard below, unless the first has won by then.
    const { sent, other } = await Promise.race([
      one.then((made) => ({ sent: made, other: two })),
      two.then((made) => ({ sent: made, other: one })),
    ]);
    if (sent && hasAnswer(sent)) return [sent];
    const later = await other;
    if (later && hasAnswer(later)) return [later];
    return [sent, later].filter((made) => made !== undefined);
  } finally {
    over.abort();
  }
}
