import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { isTerminal, type RunStatus } from '../../../contracts/runs.js';
import { RunNotifications } from '../../../database/notifications.js';

/** While the listening connection is being made again, nobody is woken: so look now and then. */
const LOOK_ANYWAY_MS = 5_000;

interface News {
  next: () => (withinMs: number, signal: AbortSignal) => Promise<void>;
  close: () => void;
}

/** Waiting for news of a run without polling: woken on commit, at the latest every 5 s. */
@Injectable()
export class RunWaits implements OnModuleDestroy {
  private readonly closing = new AbortController();

  constructor(private readonly notifications: RunNotifications) {}

  /** Aborted when the API stops: whoever waits then answers, so that the server can close. */
  get stopping(): AbortSignal {
    return this.closing.signal;
  }

  onModuleDestroy(): void {
    this.closing.abort();
  }

  /**
   * What `look` finds once the run has ended; undefined when it has not within the time. `isNew`: the run was accepted in
   * this very step of the process, so that no news of it can have been missed.
   */
  async end<T>(
    runId: string,
    look: () => Promise<T | undefined>,
    { withinMs, isNew }: { withinMs: number; isNew: boolean },
  ): Promise<T | undefined> {
    const giveUpAt = Date.now() + withinMs;
    const news = this.news(runId, (status) => status === undefined || isTerminal(status));
    try {
      for (let isFirst = true; ; isFirst = false) {
        const next = news.next();
        const found = isNew && isFirst ? undefined : await look();
        if (found !== undefined) return found;
        const leftMs = giveUpAt - Date.now();
        if (leftMs <= 0 || this.stopping.aborted) return undefined;
        await next(leftMs, this.stopping);
      }
    } finally {
      news.close();
    }
  }

  /** `next()` is taken before one looks, so that news in between is not missed; then it waits, at most that long or 5 s. */
  news(runId: string, matters: (status: RunStatus | undefined) => boolean = () => true): News {
    let wake: () => void = () => undefined;
    const close = this.notifications.onRun(runId, (status) => {
      if (matters(status)) wake();
    });
    const next = () => {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      return async (withinMs: number, signal: AbortSignal) => {
        const timer = setTimeout(wake, Math.min(withinMs, LOOK_ANYWAY_MS));
        const stop = () => wake();
        if (signal.aborted) stop();
        signal.addEventListener('abort', stop, { once: true });
        await woken;
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      };
    };
    return { next, close };
  }
}
