import { setTimeout as delay } from 'node:timers/promises';

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 10_000;
/** A part that ran this long starts again with the shortest delay. */
const STABLE_MS = 30_000;
/** A start under way is given this long before the shutdown goes on without it. */
const STOP_WAIT_MS = 500;

export interface Running {
  readonly pid: number | null;
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

export interface Part<R extends Running> {
  name: string;
  start(): Promise<R>;
  /** Called after the first and every later start. */
  started(running: R): void;
}

export interface Kept {
  stop(): Promise<void>;
}

/** The pause before the next start: doubled each time, from 0.2 to 10 s. */
export function nextDelayMs(previousMs: number | undefined, ranMs: number): number {
  if (previousMs === undefined || ranMs >= STABLE_MS) return FIRST_DELAY_MS;
  return Math.min(previousMs * 2, MAX_DELAY_MS);
}

/** Starts a part and starts it again whenever it ends unasked. Fails only when the first start fails. */
export async function keepAlive<R extends Running>(part: Part<R>, print: (line: string) => void): Promise<Kept> {
  const stopping = new AbortController();
  let running = await part.start();
  part.started(running);

  const watch = async () => {
    let delayMs: number | undefined;
    let startedAt = performance.now();
    for (;;) {
      await running.exited;
      if (stopping.signal.aborted) return;
      const endedAt = performance.now();
      let ranMs = endedAt - startedAt;
      for (let isUp = false; !isUp; ranMs = 0) {
        delayMs = nextDelayMs(delayMs, ranMs);
        print(`${part.name} ended, starting it again in ${delayMs / 1_000} s`);
        await delay(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (stopping.signal.aborted) return;
        isUp = await part.start().then(
          (next) => {
            running = next;
            return true;
          },
          (error: unknown) => {
            print(`${part.name}: ${error instanceof Error ? error.message : String(error)}`);
            return false;
          },
        );
      }
      startedAt = performance.now();
      if (stopping.signal.aborted) return running.stop();
      part.started(running);
      print(`${part.name} is back after ${((startedAt - endedAt) / 1_000).toFixed(1)} s`);
    }
  };
  const watching = watch();

  return {
    async stop() {
      stopping.abort();
      await running.stop();
      await Promise.race([watching, delay(STOP_WAIT_MS)]);
    },
  };
}
