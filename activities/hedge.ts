import type { TaskAnswer } from '../contracts/agent-protocol.js';
import type { Candidate } from '../contracts/candidates.js';
import { BrikkError } from '../contracts/errors.js';
import { pause } from './backoff.js';

/** One attempt and what came of it. */
export interface Sent {
  candidate: Candidate;
  /** From 1. */
  number: number;
  /** Milliseconds since the epoch. */
  sentAt: number;
  result: TaskAnswer | BrikkError;
}
/** Of an attempt that nobody may make. */
export const notSent = (candidate: Candidate, result: BrikkError): Sent => ({
  candidate,
  number: 0,
  sentAt: 0,
  result,
});

type Send<Result> = (signal: AbortSignal) => Promise<Result>;

const hasAnswer = ({ result }: Sent): boolean => !(result instanceof BrikkError);

/**
 * Asks another instance each time that there is no answer after `afterMs`, at most `max` besides the first; the first
 * answer wins, and the other requests are given up. Gives the one that answered, or all that failed once none is under
 * way. `another` gives undefined when there is nobody to ask.
 * After J. Dean and L. A. Barroso, The Tail at Scale (2013).
 */
export async function hedge(
  first: Send<Sent>,
  another: Send<Sent | undefined>,
  { afterMs, max, signal }: { afterMs: number; max: number; signal: AbortSignal },
): Promise<Sent[]> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const failed: Sent[] = [];
  const underWay = new Map<Promise<unknown>, Promise<{ sent: Sent | undefined; of: Promise<unknown> }>>();
  const send = (work: Send<Sent | undefined>) => {
    const of = work(either);
    const made = of.then((sent) => ({ sent, of }));
    made.catch(() => undefined); // Heard below, unless another has won by then.
    underWay.set(of, made);
  };
  try {
    send(first);
    let wait = pause(afterMs, either);
    for (let asked = 0; underWay.size > 0;) {
      const mayAsk = asked < max && !signal.aborted;
      const end = await Promise.race([...underWay.values(), ...(mayAsk ? [wait] : [])]);
      if (!end) {
        if (signal.aborted) continue;
        asked += 1;
        send(another);
        wait = pause(afterMs, either);
        continue;
      }
      underWay.delete(end.of);
      if (!end.sent) asked = max;
      else if (hasAnswer(end.sent)) return [end.sent];
      else failed.push(end.sent);
    }
    return failed;
  } finally {
    over.abort();
  }
}
