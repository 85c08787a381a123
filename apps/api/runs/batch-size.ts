export const FIRST_BATCH = 20;
const LARGEST_BATCH = 200;
const GROWTH = 4;
/** What a stream may hold for a reader that does not read: a few times this. */
const BATCH_BYTES = 256 * 1_024;

/** How many events to read next, by the size of those just read: many small ones at once, few large ones. */
export function nextBatchSize(size: number, { count, bytes }: { count: number; bytes: number }): number {
  if (count === 0) return size;
  const fitting = Math.floor((BATCH_BYTES * count) / bytes);
  return Math.max(1, Math.min(fitting, size * GROWTH, LARGEST_BATCH));
}
