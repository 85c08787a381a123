import { describe, expect, it } from '@jest/globals';
import { upperBound } from './binomial.js';

describe('the bound of a rate', () => {
  it('is the exact one of Clopper and Pearson', () => {
    expect(upperBound(0, 100)).toBeCloseTo(1 - 0.05 ** (1 / 100), 8);
    expect(upperBound(1, 10)).toBeCloseTo(0.39416, 4);
    expect(upperBound(5, 1_000)).toBeCloseTo(0.010485, 5);
    expect(upperBound(10, 10)).toBe(1);
  });
});
