import { describe, expect, it } from '@jest/globals';
import { freshUrl, orderUrls } from './url-health.js';

describe('several URLs', () => {
  it('take turns; a retry prefers another one; those ejected or gone are left out while there are others', () => {
    const urls = ['a', 'b', 'c'].map(freshUrl);
    expect([0, 1, 2, 3].map((turn) => orderUrls(urls, { turn, now: 0 })[0])).toEqual(['a', 'b', 'c', 'a']);
    expect(orderUrls(urls, { turn: 0, now: 0, last: 'a' })).toEqual(['b', 'c', 'a']);
    const [a, b, c] = urls as [(typeof urls)[number], (typeof urls)[number], (typeof urls)[number]];
    expect(orderUrls([{ ...a, ejectedUntil: 10 }, b, { ...c, state: 'gone' }], { turn: 0, now: 0 })).toEqual(['b']);
    expect(
      orderUrls(
        [
          { ...a, ejectedUntil: 10 },
          { ...b, state: 'gone' },
        ],
        { turn: 0, now: 0 },
      ),
    ).toEqual(['a']);
    expect(orderUrls([{ ...a, state: 'gone' }], { turn: 7, now: 0 })).toEqual([]);
    const outstanding = (url: string) => ({ a: 3, b: 1, c: 2 })[url] ?? 0;
    expect(orderUrls(urls, { turn: 0, now: 0, outstanding })).toEqual(['b', 'c', 'a']);
  });
});
