import { setTimeout as delay } from 'node:timers/promises';

const TICK_MS = 5;

/**
 * Begins as many works a second as are due, whether those before are done or not, and resolves when all are. A work is
 * given its number and the time at which it was due, in milliseconds of `performance.now()`, which a slow machine or a
 * long tick does not move: what waits before it begins counts as its own (G. Tene, "How NOT to Measure Latency", 2013).
 */
export async function atRate<T>(
  perSecond: number,
  forMs: number,
  work: (number: number, dueAt: number) => Promise<T>,
): Promise<T[]> {
  const begin = performance.now();
  const works: Promise<T>[] = [];
  for (let passedMs = 0; passedMs < forMs; passedMs = performance.now() - begin) {
    while (works.length < (passedMs * perSecond) / 1_000) {
      const begun = work(works.length, begin + (works.length / perSecond) * 1_000);
      begun.catch(() => undefined); // It is told below, once the time is up.
      works.push(begun);
    }
    await delay(TICK_MS);
  }
  return Promise.all(works);
}
