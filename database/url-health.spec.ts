import { describe, expect, it } from '@jest/globals';
import { failUrl, freshUrl, orderUrls, recoverUrl } from './url-health.js';

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

  /** Ten requests a second, one after another, to those that answer as `isUp` says; when each was asked. */
  const asked = (names: string[], seconds: number, isUp: (url: string, now: number) => boolean) => {
    const urls = names.map(freshUrl);
    const times = new Map(names.map((name) => [name, [] as number[]]));
    for (let turn = 0; turn < seconds * 10; turn++) {
      const now = turn * 100;
      let last: string | undefined;
      for (const url of orderUrls(urls, { turn, now }).slice(0, 2)) {
        last = url;
        times.get(url)!.push(now);
        if (isUp(url, now)) break;
        failUrl(urls, url, now);
      }
      if (last !== undefined && isUp(last, now)) recoverUrl(urls, last);
    }
    return { urls, times };
  };

  it('one of three that is dead is asked by probes alone once it is ejected, and the others share its part', () => {
    const { times } = asked(['a', 'dead', 'c'], 1_000, (url) => url !== 'dead');
    // Five failures, then a probe after 30 s, 60 s, 90 s, … since the one before.
    const waits = times
      .get('dead')!
      .slice(5)
      .map((at, place) => at - times.get('dead')![place + 4]!);
    expect(waits.map((ms) => Math.round(ms / 1_000))).toEqual([30, 60, 90, 120, 150, 180, 210]);
    const [a, c] = ['a', 'c'].map((name) => times.get(name)!.length) as [number, number];
    expect(Math.abs(a - c) / (a + c)).toBeLessThan(0.1);
  });

  it('are put out for five minutes at most, half of them at most, and are as new once they answer', () => {
    const { times } = asked(['a', 'dead'], 10_000, (url) => url !== 'dead');
    const probes = times.get('dead')!;
    expect(Math.round((probes.at(-1)! - probes.at(-2)!) / 1_000)).toBe(300);
    const { urls } = asked(['a', 'dead', 'lost'], 20, (url) => url === 'a');
    expect(urls.filter(({ ejectedUntil }) => ejectedUntil !== null)).toHaveLength(1);
    const back = asked(['a', 'b'], 60, (url, now) => url === 'a' || now > 20_000);
    expect(back.urls[1]).toEqual(freshUrl('b'));
  });
});
