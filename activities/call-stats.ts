import type { CallStat } from '../contracts/candidates.js';
import type { ActivityLog, AgentRegistry } from './dependencies.js';

const FLUSH_MS = 1_000;
const MAX_KEPT = 10_000;

/** Gathers what attempts taught and writes it in batches. Losing some of it on a crash costs nothing but knowledge. */
export class CallStats {
  private gathered: CallStat[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly registry: Pick<AgentRegistry, 'recordCallStats'>,
    private readonly log: ActivityLog,
  ) {}

  add(stat: CallStat): void {
    if (this.gathered.length < MAX_KEPT) this.gathered.push(stat);
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const stats = this.gathered;
    this.gathered = [];
    if (stats.length === 0) return;
    await this.registry.recordCallStats(stats).catch((error: unknown) => {
      this.log.warn({ stats: stats.length, reason: String(error) }, 'call statistics were lost');
    });
  }
}
