import { Context } from '@temporalio/activity';

const LEAST_BEAT_MS = 250;
/** Each beat is a write of the engine. */
const BEATS_A_SECOND = 100;
/** Beats within the time after which the engine takes the worker for dead. */
const BEATS_IN_TIME = 3;

/** Of this worker. */
let inHand = 0;

/**
 * Lets the engine know, while the work of the activity goes on, that it does, and hears from it when the activity is
 * canceled. The more activities a worker has in hand the seldomer each one beats.
 */
export async function beating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  let timer: NodeJS.Timeout;
  const beat = () => {
    timer = setTimeout(
      () => {
        context.heartbeat();
        beat();
      },
      beatMs(inHand, context.info.heartbeatTimeoutMs),
    );
  };
  inHand += 1;
  beat();
  try {
    return await work();
  } finally {
    inHand -= 1;
    clearTimeout(timer!);
  }
}

/** Milliseconds to the next beat of an activity beside which a worker has others in hand. */
export function beatMs(inHand: number, heartbeatTimeoutMs = Infinity): number {
  return Math.min(Math.max(LEAST_BEAT_MS, (inHand * 1_000) / BEATS_A_SECOND), heartbeatTimeoutMs / BEATS_IN_TIME);
}
