import { describe, expect, it } from '@jest/globals';
import { nextCronTime } from './cron.js';
import { dueAfter, firesOf } from './schedules.js';

const at = (text: string) => Date.parse(`${text}Z`);
const SECOND = 1_000;

describe('a cron expression', () => {
  it.each([
    ['* * * * *', '2026-11-22T02:00:00', '2026-11-22T02:01:00'],
    ['*/15 * * * *', '2026-11-22T02:44:59', '2026-11-22T02:45:00'],
    ['5/20 * * * *', '2026-11-22T02:26:00', '2026-11-22T02:45:00'],
    ['0 6 * * MON-FRI', '2026-11-20T06:00:00', '2026-11-23T06:00:00'],
    ['30 23 31 * *', '2026-11-22T00:00:00', '2026-12-31T23:30:00'],
    ['0 0 * * 7', '2026-11-21T00:00:00', '2026-11-22T00:00:00'],
    ['0 12 13 * FRI', '2026-11-08T00:00:00', '2026-11-13T12:00:00'],
    ['0 12 15 * FRI', '2026-11-13T12:00:00', '2026-11-15T12:00:00'],
    ['0 0 29 FEB *', '2096-03-01T00:00:00', '2104-02-29T00:00:00'],
    ['0,30 8-9 1 jan *', '2026-01-01T09:00:00', '2026-01-01T09:30:00'],
  ])('%s comes after %s at %s', (cron, after, next) => {
    expect(new Date(nextCronTime(cron, at(after))!).toISOString()).toBe(`${next}.000Z`);
  });

  it.each(['0 0 31 2 *', '* * * *', '60 * * * *', '5-1 * * * *', '*/0 * * * *', 'a * * * *'])(
    '%s never comes',
    (cron) => {
      expect(nextCronTime(cron, at('2026-01-01T00:00:00'))).toBeUndefined();
    },
  );
});

describe('a schedule', () => {
  const every = { kind: 'every', periodMs: 10 * SECOND } as const;

  it('keeps its distance whenever it is worked off', () => {
    expect(dueAfter(every, 5)).toBe(10_005);
    expect(firesOf(every, 20_000, 19_999)).toEqual({ times: [], missed: 0, nextMs: 20_000 });
    expect(firesOf(every, 20_000, 41_000)).toEqual({ times: [20_000, 30_000, 40_000], missed: 0, nextMs: 50_000 });
  });

  it('makes up what was due in the last ten minutes, a hundred times at most, and always the last one', () => {
    const hours = firesOf(every, 0, 3_600_000);
    expect([hours.times.length, hours.times[0], hours.missed, hours.nextMs]).toEqual([61, 3_000_000, 300, 3_610_000]);
    const fast = firesOf({ kind: 'every', periodMs: SECOND }, 0, 500_000);
    expect([fast.times.length, fast.times.at(-1), fast.missed]).toEqual([100, 500_000, 401]);
    const slow = firesOf({ kind: 'every', periodMs: 86_400_000 }, 0, 200_000_000);
    expect(slow).toEqual({ times: [172_800_000], missed: 2, nextMs: 259_200_000 });
  });

  it('begins once for the times of a cron expression that passed, and once after an end', () => {
    const cron = { kind: 'cron', cron: '*/5 * * * *' } as const;
    expect(firesOf(cron, 300_000, 1_000_000)).toEqual({ times: [900_000], missed: 2, nextMs: 1_200_000 });
    expect(firesOf({ kind: 'after', periodMs: SECOND }, 5, 10_000)).toEqual({
      times: [5],
      missed: 0,
      nextMs: undefined,
    });
  });
});
