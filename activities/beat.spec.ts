import { describe, expect, it } from '@jest/globals';
import { beatMs } from './beat.js';

describe('the beats of activities', () => {
  it('are four a second where a worker has few in hand', () => {
    expect([1, 10, 25].map((inHand) => beatMs(inHand, 10_000))).toEqual([250, 250, 250]);
  });

  it('are a hundred a second in all where it has many', () => {
    expect([50, 300].map((inHand) => beatMs(inHand, 10_000))).toEqual([500, 3_000]);
  });

  it('come three times within the time after which the worker counts as dead, however many there are', () => {
    expect([beatMs(1_000, 10_000), beatMs(1_000, 1_000)]).toEqual([10_000 / 3, 1_000 / 3]);
  });

  it('have no limit without such a time', () => {
    expect(beatMs(1_000)).toBe(10_000);
  });
});
