import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../../contracts/json.js';
import type { WorkflowError } from '../../../contracts/workflow-error.js';
import { compile, run } from '../jq/index.js';
import { isCaught } from './catch-filter.js';
import { durationMs } from './duration.js';
import { codeOf, fault, isSameType, ownFault } from './fault.js';
import { delayBefore, mayRetry, type RetryTerms } from './retry-policy.js';
import { fieldProgram, templateProgram } from './template-program.js';

const evaluated = (template: Json, data: Json) => {
  const program = templateProgram(template);
  return program === undefined ? template : run(compile(program), data)[0];
};

describe('a template', () => {
  it('keeps the type of a lone expression, and puts others into text', () => {
    expect(evaluated({ a: '${ .n }', b: 'n=${ .n }, m=${ .m }' }, { n: [1], m: 'x' })).toEqual({
      a: [1],
      b: 'n=[1], m=x',
    });
    expect(evaluated('  ${ .n }  ', { n: 1 })).toBe(1);
  });

  it('finds the closing brace behind braces in objects, strings and comments', () => {
    expect(evaluated('${ {a: "}"} # }\n }', null)).toEqual({ a: '}' });
    expect(evaluated('${ .a }-${ .b }', { a: 1, b: 2 })).toBe('1-2');
  });

  it('gives null for no result in its place, and refuses several', () => {
    expect(evaluated(['${ empty }', 1], null)).toEqual([null, 1]);
    expect(() => evaluated(['${ 1, 2 }'], null)).toThrow('several values');
  });

  it('is left as it is when it holds no expression, keys included', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const plain = JSON.parse(JSON.stringify(json).replaceAll('$', '')) as Json;
        expect(templateProgram(plain)).toBeUndefined();
      }),
    );
    expect(evaluated({ '${ .a }': '${ .a }' }, { a: 1 })).toEqual({ '${ .a }': 1 });
  });

  it('tries plain strings that are expressions when asked to, which stay text when they fail', () => {
    const program = templateProgram(['.a', '.b.c', 'no jq'], (text) => text.startsWith('.'));
    expect(run(compile(program!), { a: 1, b: 'x' })[0]).toEqual([1, '.b.c', 'no jq']);
  });

  it('takes a field with and without braces', () => {
    for (const text of ['.a', '${ .a }', ' ${.a} ']) expect(run(compile(fieldProgram(text)), { a: 5 })).toEqual([5]);
  });
});

describe('a duration', () => {
  it.each<[Json, number | undefined]>([
    ['PT1.5S', 1_500],
    ['P1DT2H', 93_600_000],
    ['P1W', 604_800_000],
    [{ minutes: 2, milliseconds: 5 }, 120_005],
    [{}, undefined],
    [{ weeks: 1 }, undefined],
    [{ seconds: -1 }, undefined],
    ['PT', undefined],
    ['5s', undefined],
    [null, undefined],
    [7, undefined],
  ])('%j is %s ms', (value, ms) => expect(durationMs(value)).toBe(ms));
});

describe('an error', () => {
  const late: WorkflowError = fault('timeout', '/do/0/a').error;

  it('has the type, status and title of the specification', () => {
    expect(late).toMatchObject({ status: 408, instance: '/do/0/a' });
    expect(late.type).toBe('https://open-workflow-specification.org/spec/1.0.0/errors/timeout');
    expect(codeOf(late)).toBe('workflow.timeout');
    expect(codeOf(ownFault('no_bids', '/do/0/a', 'nobody bid').error)).toBe('no_bids');
  });

  it.each([
    ['https://serverlessworkflow.io/spec/1.0.0/errors/timeout', true],
    ['https://serverlessworkflow.io/dsl/errors/types/timeout', true],
    ['https://open-workflow-specification.org/dsl/errors/types/timeout', true],
    ['https://open-workflow-specification.org/spec/1.0.0/errors/runtime', false],
    ['https://example.com/dsl/errors/types/timeout', false],
  ])('is %s: %s', (type, same) => expect(isSameType(type, late.type)).toBe(same));

  it('is caught when every field of the filter equals its own', () => {
    expect(isCaught(undefined, late)).toBe(true);
    expect(isCaught({ status: 408, instance: '/do/0/a' }, late)).toBe(true);
    expect(isCaught({ status: 408, title: 'other' }, late)).toBe(false);
  });
});

describe('a retry policy', () => {
  const terms: RetryTerms = {
    delayMs: 100,
    backoff: 'constant',
    maxRetries: 3,
    withinMs: 1_000,
    jitterMs: { from: 10, to: 30 },
  };

  it('waits longer from retry to retry as its backoff says', () => {
    const plain = { ...terms, jitterMs: undefined };
    const delays = (backoff: RetryTerms['backoff']) => [1, 2, 3].map((n) => delayBefore({ ...plain, backoff }, n, 0.5));
    expect(delays('constant')).toEqual([100, 100, 100]);
    expect(delays('linear')).toEqual([100, 200, 300]);
    expect(delays('exponential')).toEqual([100, 200, 400]);
  });

  it('adds a jitter between its bounds, and never waits more than a day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (n, random) => {
        expect(delayBefore(terms, n, random)).toBeGreaterThanOrEqual(110);
        expect(delayBefore(terms, n, random)).toBeLessThanOrEqual(130);
        expect(delayBefore({ ...terms, backoff: 'exponential' }, n, random)).toBeLessThanOrEqual(86_400_000);
      }),
    );
  });

  it('ends by count and by time', () => {
    expect(mayRetry(terms, 3, 1_000)).toBe(true);
    expect(mayRetry(terms, 4, 0)).toBe(false);
    expect(mayRetry(terms, 1, 1_001)).toBe(false);
  });
});
