import { Injectable } from '@nestjs/common';
import { RunNotifications } from '../../../database/notifications.js';

/** While the listening connection is being made again, nobody is woken: so look now and then. */
const LOOK_ANYWAY_MS = 5_000;

/** Waiting for news of a run without polling: woken on commit, at the latest every 5 s. */
@Injectable()
export class RunWaits {
  constructor(private readonly notifications: RunNotifications) {}

  /** Whether the condition came true within the time; it is asked again at every news of the run. */
  async until(
    runId: string,
    condition: () => Promise<boolean>,
    withinMs: number,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const giveUpAt = Date.now() + withinMs;
    const news = this.news(runId);
    try {
      for (;;) {
        const next = news.next();
        if (await condition()) return true;
        const leftMs = giveUpAt - Date.now();
        if (leftMs <= 0 || signal?.aborted) return false;
        await next(Math.min(leftMs, LOOK_ANYWAY_MS), signal);
      }
    } finally {
      news.close();
    }
  }

  /** `next()` is taken before one looks, so that news in between is not missed; then it waits, at most that long. */
  news(runId: string): { next: () => (withinMs: number, signal?: AbortSignal) => Promise<void>; close: () => void } {
    let wake: () => void = () => undefined;
    const close = this.notifications.onRun(runId, () => wake());
    const next = () => {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      return async (withinMs: number, signal?: AbortSignal) => {
        const timer = setTimeout(wake, withinMs);
        const stop = () => wake();
        signal?.addEventListener('abort', stop, { once: true });
        await woken;
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
      };
    };
    return { next, close };
  }
}
