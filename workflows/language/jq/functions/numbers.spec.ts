import { describe, expect, it } from '@jest/globals';
import { compile, run, type Json } from '../index.js';

const evaluate = (program: string, input: Json = null): Json => run(compile(program), input)[0] ?? null;

describe('the mathematical functions', () => {
  it.each<[string, Json]>([
    ['[2.5, 3.5, -2.5 | rint]', [2, 4, -2]],
    ['[2.5, -2.5 | round]', [3, -3]],
    ['[10, 0.75 | significand, logb]', [1.25, 3, 1.5, -1]],
    ['[8 | frexp, modf, exp2, cbrt]', [[0.5, 4], [0, 8], 256, 2]],
    ['[5 | tgamma, lgamma_r[1]]', [24, 1]],
    [
      '[pow(2; 10), atan2(0; 1), fmin(1; 2), fmax(1; 2), fmod(7; 4), hypot(3; 4), fma(2; 3; 4)]',
      [1024, 0, 1, 2, 3, 5, 10],
    ],
    [
      '[ldexp(3; 2), scalb(1; -1), drem(7; 4), copysign(1; -2), fdim(3; 1), nextafter(0; 1) > 0]',
      [12, 0.5, -1, -1, 2, true],
    ],
    ['[nan, 1, infinite | isnan, isinfinite, isnormal]', [true, false, false, false, false, true, false, true, false]],
    ['[nextafter(1; 2) > 1, nexttoward(1; 0) < 1, nextafter(3; 3)]', [true, true, 3]],
    ['[3 | j0, j1, erf, lgamma | . * 1000 | round]', [-260, 339, 1000, 693]],
    ['[0.5, 1e3 | exp10 | isinfinite]', [false, true]],
    ['[0.5 | erf, erfc, tgamma | . * 1000 | round]', [520, 480, 1772]],
  ])('%s', (program, result) => expect(evaluate(program)).toEqual(result));

  it('needs numbers', () => {
    expect(() => evaluate('floor', 'a')).toThrow('string ("a") number required');
    expect(() => evaluate('abs')).toThrow('null (null) cannot be negated');
  });
});
