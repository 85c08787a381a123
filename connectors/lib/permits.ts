/** At most `limit` holders at once, first come first served. */
export class Permits {
  private held = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  /** Runs the work once there is a permit. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    let leave: () => void = () => undefined;
    await new Promise<void>((resolve) => (leave = this.enter(resolve)));
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** Calls `begin` with a permit, at once when one is free. What it answers gives the permit back, or ends the wait. */
  enter(begin: () => void): () => void {
    if (this.held < this.limit) {
      this.held += 1;
      begin();
      return () => this.pass();
    }
    let hasBegun = false;
    const waiter = () => {
      hasBegun = true;
      begin();
    };
    this.waiting.push(waiter);
    return () => {
      if (hasBegun) this.pass();
      else this.waiting.splice(this.waiting.indexOf(waiter), 1);
    };
  }

  private pass(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.held -= 1;
  }
}
