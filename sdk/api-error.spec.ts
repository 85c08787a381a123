import { describe, expect, it } from '@jest/globals';
import { BrikkApiError, parseRetryAfter } from './api-error.js';
import { backoffMs, canRepeat } from './http.js';

describe('how long to wait before a repeat', () => {
  it('is what the server says, in seconds or as a date; who is to wait over a minute is told instead', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    expect(parseRetryAfter('2')).toBe(2_000);
    expect(parseRetryAfter('Sat, 21 Nov 2026 12:00:03 GMT', now)).toBe(3_000);
    expect(parseRetryAfter('Sat, 21 Nov 2026 11:00:00 GMT', now)).toBe(0);
    expect([parseRetryAfter('soon'), parseRetryAfter(null)]).toEqual([undefined, undefined]);
    expect(backoffMs(1, { maxAttempts: 3, initialMs: 100, maxMs: 1_000 }, 30_000)).toBe(30_000);
    const refused = (retryAfterMs: number) =>
      new BrikkApiError({ status: 429, code: 'quota.exceeded', detail: '' }, { retryAfterMs });
    expect([canRepeat(refused(60_000)), canRepeat(refused(61_000))]).toEqual([true, false]);
  });

  it('doubles with each attempt, spread over its upper half, up to its limit', () => {
    for (const [attempt, ceiling] of [
      [1, 100],
      [3, 400],
      [9, 1_000],
    ] as const) {
      const waitMs = backoffMs(attempt, { maxAttempts: 9, initialMs: 100, maxMs: 1_000 });
      expect(waitMs).toBeGreaterThanOrEqual(ceiling / 2);
      expect(waitMs).toBeLessThanOrEqual(ceiling);
    }
  });
});
