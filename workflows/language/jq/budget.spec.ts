import { describe, expect, it } from '@jest/globals';
import { compile, JqError, run, type Json, type Limits } from './index.js';

function failure(program: string, input: Json = null, limits: Limits = {}): JqError {
  try {
    run(compile(program), input, {}, limits);
  } catch (error) {
    if (error instanceof JqError) return error;
    throw error;
  }
  throw new Error(`${program} ended without an error`);
}

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('the budget of an evaluation', () => {
  it.each([
    '("a" * 40 + "b") | test("^(a+)+$")',
    '[range(1e9)]',
    '"a" * 1e9',
    '[limit(1e9; repeat(1))]',
    'def f: 1 + f; f',
    'def f: f; f',
    '[recurse(. + 1)]',
    '"a" | until(false; . + .)',
    'try ([range(1e9)]) catch .',
    '[range(500) | "a" * 100000] | add',
    'reduce range(20000) as $level (null; [.])',
  ])('ends %s soon', (program) => {
    const start = performance.now();
    expect(failure(program).kind).toBe('limit');
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('refuses 20,000 levels of nesting in data and in a program', () => {
    expect(failure('fromjson', nested(20_000)).limit).toBe('depth');
    expect(() => compile(nested(20_000))).toThrow(/depth limit/);
    expect(() => compile(Array.from({ length: 20_000 }, () => '1').join('+'))).toThrow(/depth limit/);
  });

  it('refuses an array of a billion elements, whatever it is made by', () => {
    expect(failure('.[1e9] = 1').message).toBe('Array index too large');
    expect(failure('.[1e8] = 1').limit).toBe('bytes');
  });

  it('takes data of 9,000 levels', () => {
    const deep = 'def same: tojson | fromjson; fromjson | . == same and ([paths] | length) >= 0 and (walk(.) == .)';
    expect(run(compile(deep), nested(300))).toEqual([true]);
    expect(run(compile('fromjson | . == (tojson | fromjson)'), nested(9_000))).toEqual([true]);
    expect(run(compile('fromjson | walk(.) == .'), nested(9_000), {}, { steps: 10_000_000 })).toEqual([true]);
  });

  it('lets recursion go 10,000 frames deep, and tail calls on without end', () => {
    expect(run(compile('def f: if . == 0 then 0 else (. - 1 | f) + 1 end; 10000 | f'), null)).toEqual([10_000]);
    expect(run(compile('def f: if . >= 50000 then . else . + 1 | f end; 0 | f'), null)).toEqual([50_000]);
    expect(run(compile('0 | until(. >= 50000; . + 1)'), null)).toEqual([50_000]);
  });

  it('names the limit and can be set', () => {
    expect(failure('[range(100)]', null, { steps: 50 }).message).toBe('steps limit: more than 50 steps');
    expect(failure('[range(100)]', null, { bytes: 50 }).limit).toBe('bytes');
    expect(failure('range(100)', null, { bytes: 50 }).limit).toBe('bytes');
  });
});
