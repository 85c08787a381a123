import { describe, expect, it } from '@jest/globals';
import { atRate } from './at-rate.js';

describe('works at a rate', () => {
  it('begin when they are due, whatever those before take, and are all waited for', async () => {
    let done = 0;
    const due = await atRate(100, 200, async (number, dueAt) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      done += 1;
      return { number, dueAt };
    });
    expect(done).toBe(due.length);
    expect(due.length).toBeGreaterThan(1);
    const [first = Number.NaN] = due.map(({ dueAt }) => dueAt);
    for (const { number, dueAt } of due) expect(dueAt - first).toBeCloseTo(number * 10, 6);
  });

  it('fail with the first that does', async () => {
    await expect(atRate(100, 50, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });
});
