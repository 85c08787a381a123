const EJECT_AFTER = 5;
const EJECT_MS = 30_000;
const MAX_EJECT_MS = 300_000;

/** One of several URLs of the same system; times in milliseconds since the epoch. */
export interface UrlHealth {
  url: string;
  /** `gone`: for good. */
  state: 'active' | 'gone';
  failures: number;
  timesEjected: number;
  ejectedUntil: number | null;
}

export const freshUrl = (url: string): UrlHealth => ({
  url,
  state: 'active',
  failures: 0,
  timesEjected: 0,
  ejectedUntil: null,
});

/**
 * Five failures in a row eject a URL for 30 s times its ejections, at most five minutes; at most half of the URLs are
 * ejected at once.
 */
export function failUrl(urls: UrlHealth[], url: string, now: number): void {
  const known = urls.find((one) => one.url === url);
  if (!known) return;
  known.failures += 1;
  const isEjected = (one: UrlHealth) => one.ejectedUntil !== null && one.ejectedUntil > now;
  const others = urls.filter((one) => one !== known && isEjected(one)).length;
  if (known.failures < EJECT_AFTER || isEjected(known) || others + 1 > urls.length / 2) return;
  known.timesEjected += 1;
  known.ejectedUntil = now + Math.min(EJECT_MS * known.timesEjected, MAX_EJECT_MS);
}

/** It answered. */
export function recoverUrl(urls: UrlHealth[], url: string): void {
  const known = urls.find((one) => one.url === url);
  if (known) Object.assign(known, { failures: 0, timesEjected: 0, ejectedUntil: null });
}

/**
 * Where a request goes, the best first: those that are neither gone nor ejected, or all that are not gone when none is;
 * not the one that failed last, where there is another. `turn` counts requests (round robin), `outstanding` requests
 * under way.
 */
export function orderUrls(
  urls: readonly UrlHealth[],
  { turn, now, last, outstanding }: { turn: number; now: number; last?: string; outstanding?: (url: string) => number },
): string[] {
  const there = urls.filter(({ state }) => state !== 'gone');
  const fit = there.filter(({ ejectedUntil }) => ejectedUntil === null || ejectedUntil <= now);
  const names = (fit.length > 0 ? fit : there).map(({ url }) => url);
  const start = names.length === 0 ? 0 : turn % names.length;
  const turned = [...names.slice(start), ...names.slice(0, start)];
  const ranked = outstanding ? turned.toSorted((a, b) => outstanding(a) - outstanding(b)) : turned;
  return last === undefined
    ? ranked
    : [...ranked.filter((url) => url !== last), ...ranked.filter((url) => url === last)];
}
