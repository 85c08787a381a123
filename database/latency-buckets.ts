/** Each bucket is a quarter wider than the one before: 64 of them reach from 1 ms to 25 minutes. */
const FACTOR = 1.25;
const BUCKETS = 64;
/** How much the newest answer counts in a moving mean. */
const WEIGHT = 0.2;

export const emptyBuckets = (): number[] => Array<number>(BUCKETS).fill(0);

export function bucketOf(latencyMs: number): number {
  return Math.min(BUCKETS - 1, Math.max(0, Math.ceil(Math.log(Math.max(latencyMs, 1)) / Math.log(FACTOR))));
}

/** The latency in milliseconds that this share of the answers kept to, at most a quarter too high; undefined without answers. */
export function percentile(buckets: readonly number[], share: number): number | undefined {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let seen = 0;
  const at = buckets.findIndex((count) => (seen += count) >= share * total);
  return Math.round(FACTOR ** at);
}

/** Exponentially weighted mean after one more value. */
export const movingMean = (mean: number | null | undefined, value: number): number =>
  mean == null ? value : mean + WEIGHT * (value - mean);
