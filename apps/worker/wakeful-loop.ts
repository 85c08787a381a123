import type { Logger } from 'pino';

const INTERVAL_MS = 1_000;

/** Calls back when there may be something to do, until it is closed. */
interface News {
  listen(onNews: () => void): Promise<{ close(): Promise<void> }>;
}

/** Nobody tells: it looks once a second. */
export const NO_NEWS: News = { listen: () => Promise.resolve({ close: () => Promise.resolve() }) };

/** Works as soon as there is news, and once a second on what was left. A failure is logged once, until it works again. */
export abstract class WakefulLoop {
  private timer: NodeJS.Timeout | undefined;
  private channel: { close(): Promise<void> } | undefined;
  private working: Promise<void> | undefined;
  private isWanted = false;
  protected isStopped = false;
  private problem: string | undefined;

  /** `what` waits while it fails, for the log. */
  protected constructor(
    private readonly what: string,
    private readonly news: News,
    protected readonly log: Logger,
  ) {}

  /** Does some of the work; true when there may be more. */
  protected abstract pass(): Promise<boolean>;

  async start(): Promise<void> {
    this.timer = setInterval(() => this.wake(), INTERVAL_MS);
    this.channel = await this.news.listen(() => this.wake());
  }

  /** Waits for what is in hand. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.channel?.close();
    await this.working;
  }

  /** There may be something to do. */
  protected wake(): void {
    this.isWanted = true;
    this.working ??= this.work().finally(() => {
      this.working = undefined;
      if (this.isWanted && !this.isStopped) this.wake();
    });
  }

  private async work(): Promise<void> {
    const { what, log } = this;
    try {
      while (this.isWanted && !this.isStopped) {
        this.isWanted = false;
        if (await this.pass()) this.isWanted = true;
      }
      if (this.problem !== undefined) log.info({ what }, 'what waited is worked on again');
      this.problem = undefined;
    } catch (error) {
      this.isWanted = false; // The next notice, or second, tries again.
      const reason = error instanceof Error ? error.message : String(error);
      if (this.problem !== reason) log.warn({ what, reason }, `${what} wait: trying again`);
      this.problem = reason;
    }
  }
}

/** All of them, so many at once. Fails with the first failure once all lanes have ended; a lane ends with its failure. */
export async function inLanes<Item>(items: Item[], lanes: number, work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
}
