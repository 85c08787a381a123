import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Connection } from '../contracts/connections.js';
import type { Database } from './database.js';

/** Limits of connections, one count for all workers. */
export class ConnectionLimits {
  private readonly limiters = new Map<string, RateLimiterPostgres>();

  constructor(private readonly database: Database) {}

  /** Takes a place. Milliseconds until there may be one when there is none now: those who come first wait least. */
  async take({ id, rateLimit }: Pick<Connection, 'id' | 'rateLimit'>): Promise<number | undefined> {
    if (rateLimit === null) return undefined;
    const { points, durationMs } = rateLimit;
    try {
      await this.limiterOf(rateLimit).consume(id);
      return undefined;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const windows = Math.floor((refusal.consumedPoints - points - 1) / points);
      return Math.max(1, refusal.msBeforeNext) + windows * durationMs;
    }
  }

  private limiterOf({ points, durationMs }: NonNullable<Connection['rateLimit']>): RateLimiterPostgres {
    const name = `${points}/${durationMs}`;
    const known = this.limiters.get(name);
    if (known) return known;
    const made = new RateLimiterPostgres({
      // Its statement is its own transaction, so that nobody holds the row of a limit.
      storeClient: {
        query: ({ text, values }: { text: string; values: unknown[] }) =>
          this.database.outsideOrgs(async (tx) => ({ rows: await tx(text, values) })),
      },
      storeType: 'client',
      tableName: 'rate_limit',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: '',
      points,
      duration: durationMs / 1_000,
    });
    this.limiters.set(name, made);
    return made;
  }
}
