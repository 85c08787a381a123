import { RateLimiterPostgres } from 'rate-limiter-flexible';
import type { Connection } from '../contracts/connections.js';
import type { Tx } from './database.js';

type Limited = Pick<Connection, 'id' | 'rateLimit'>;

/** What is used of a connection's rate limit, and until when that counts; its whole window when none is open. */
export async function usedPoints(tx: Tx, { id, rateLimit }: Limited): Promise<{ points: number; windowMs: number }> {
  if (rateLimit === null) return { points: 0, windowMs: 0 };
  const known = await limiterOn(tx, rateLimit).get(id);
  if (!known || known.msBeforeNext <= 0) return { points: 0, windowMs: rateLimit.durationMs };
  return { points: known.consumedPoints, windowMs: known.msBeforeNext };
}

/** Takes places that are free; the caller holds the lock of the connection. */
export async function usePoints(tx: Tx, { id, rateLimit }: Limited, points: number): Promise<void> {
  if (rateLimit !== null && points > 0) await limiterOn(tx, rateLimit).consume(id, points);
}

const limiterOn = (tx: Tx, { points, durationMs }: NonNullable<Connection['rateLimit']>): RateLimiterPostgres =>
  new RateLimiterPostgres({
    storeClient: {
      query: async ({ text, values }: { text: string; values: unknown[] }) => {
        const rows = await tx(text, values);
        return { rows, rowCount: rows.length };
      },
    },
    storeType: 'client',
    tableName: 'rate_limit',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: '',
    points,
    duration: durationMs / 1_000,
  });
