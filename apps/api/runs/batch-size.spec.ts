import { describe, expect, it } from '@jest/globals';
import { FIRST_BATCH, nextBatchSize } from './batch-size.js';

describe('the next batch of a stream', () => {
  it('grows step by step while events are small', () => {
    const sizes = [FIRST_BATCH];
    for (let step = 0; step < 3; step++) {
      const count = sizes.at(-1)!;
      sizes.push(nextBatchSize(count, { count, bytes: count * 300 }));
    }
    expect(sizes).toEqual([20, 80, 200, 200]);
  });

  it('shrinks to a quarter of a megabyte when they are large, and never to nothing', () => {
    expect(nextBatchSize(200, { count: 200, bytes: 200 * 32_768 })).toBe(8);
    expect(nextBatchSize(8, { count: 8, bytes: 8 * 10_000_000 })).toBe(1);
  });

  it('stays as it is when there was nothing', () => {
    expect(nextBatchSize(80, { count: 0, bytes: 0 })).toBe(80);
  });
});
