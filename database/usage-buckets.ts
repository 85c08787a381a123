/** Each bucket is 30 % wider than the one before: 64 of them reach from 1 to 15 million units. */
const FACTOR = 1.3;
const BUCKETS = 64;

/** What the first bucket holds at most. */
export const USAGE_UNITS = { tokens: 1, costUsd: 0.000_01 } as const;

/** The counts with one more value; the first value makes them. */
export function countUsage(buckets: number[] | null, value: number, unit: number): number[] {
  const counts = buckets ?? Array<number>(BUCKETS).fill(0);
  const bucket = Math.max(0, Math.ceil(Math.log(Math.max(value / unit, 1)) / Math.log(FACTOR)));
  const at = Math.min(BUCKETS - 1, bucket);
  counts[at] = (counts[at] ?? 0) + 1;
  return counts;
}

/** What this share of the values kept to, at most 30 % too high; null without values. */
export function usageShare(counted: readonly (readonly number[])[], share: number, unit: number): number | null {
  const counts = Array.from({ length: BUCKETS }, (_, at) => counted.reduce((sum, one) => sum + (one[at] ?? 0), 0));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  return unit * FACTOR ** counts.findIndex((count) => (seen += count) >= share * total);
}
