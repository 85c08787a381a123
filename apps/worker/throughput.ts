const WINDOW_MS = 10_000;

/** Calls a second over the last ten seconds, from a count that only grows while the counted ones stay the same. */
export class Throughput {
  private samples: { at: number; calls: number }[] = [];

  next(now: number, calls: number): number {
    if (calls < (this.samples.at(-1)?.calls ?? 0)) this.samples = [];
    this.samples = [...this.samples.filter(({ at }) => now - at <= WINDOW_MS), { at: now, calls }];
    const [first] = this.samples;
    if (!first || now === first.at) return 0;
    return Math.round(((calls - first.calls) / (now - first.at)) * 10_000) / 10;
  }
}
