import { describe, expect, it } from '@jest/globals';
import { pace } from './pace.js';

/** When a reader looks that is woken every millisecond. */
function looksUnderStorm(durationMs: number): number[] {
  const wait = pace();
  const looks: number[] = [];
  for (let now = 0; now < durationMs; now++) {
    now += wait(now);
    looks.push(now);
  }
  return looks;
}

describe('the pace of a reader', () => {
  it('looks at once after a quiet second', () => {
    const wait = pace();
    expect(wait(0)).toBe(0);
    expect(wait(1_000)).toBe(0);
  });

  it('looks once a second under a storm of notices', () => {
    const looks = looksUnderStorm(60_000);
    expect(looks.filter((at) => at < 1_000).length).toBeLessThan(8);
    expect(looks.filter((at) => at >= 10_000 && at < 20_000)).toHaveLength(10);
  });

  it('is prompt again when the storm is over', () => {
    const wait = pace();
    for (let now = 0; now < 5_000; now++) now += wait(now);
    expect(wait(7_000)).toBe(0);
  });
});
