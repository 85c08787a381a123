/** At most `limit` holders at once, first come first served. */
export class Permits {
  private held = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  /** Runs the work once there is a permit. When `signal` aborts while waiting, the work never starts. */
  async hold<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (this.held < this.limit) this.held += 1;
    else await this.turn(signal);
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.held -= 1;
    }
  }

  private turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(new Error('canceled while waiting for a connection'));
      };
      const enter = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      if (signal?.aborted) {
        reject(new Error('canceled before waiting for a connection'));
        return;
      }
      signal?.addEventListener('abort', leave, { once: true });
      this.waiting.push(enter);
    });
  }
}
