import type { RunSignal } from '../../contracts/run-signals.js';

const MOST = 1_000;

/** What a run was told while it went on, each thing once. The last 1,000 are kept. */
export class RunInbox {
  private readonly seen = new Set<string>();
  private readonly told: RunSignal[] = [];
  private forgotten = 0;

  receive(signal: RunSignal): void {
    if (signal.id !== undefined && this.seen.has(signal.id)) return;
    if (signal.id !== undefined) this.seen.add(signal.id);
    this.told.push(signal);
    if (this.told.length <= MOST) return;
    this.told.shift();
    this.forgotten += 1;
  }

  all(): RunSignal[] {
    return [...this.told];
  }

  /** What comes under these names, from the beginning of the run on. */
  reader(names: readonly string[]): InboxReader {
    let next = 0;
    const news = () => this.told.slice(Math.max(0, next - this.forgotten)).filter(({ name }) => names.includes(name));
    return {
      hasNews: () => news().length > 0,
      take: () => {
        const taken = news();
        next = this.forgotten + this.told.length;
        return taken;
      },
    };
  }
}

/** Gives what it has not given before. */
export interface InboxReader {
  hasNews(): boolean;
  take(): RunSignal[];
}
