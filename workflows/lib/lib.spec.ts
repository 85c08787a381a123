import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { retrySchema, timeoutSchema } from '../../contracts/calls.js';
import * as contract from '../../contracts/run-workflow.js';
import { CLAIM_CHECK_BYTES } from '../../contracts/values.js';
import { compile, run } from '../language/jq/index.js';
import { CALL_DEFAULTS } from './call-defaults.js';
import * as limits from './limits.js';
import { bytesOf, nextBatchSize } from './pack-batch.js';
import { StopScope } from './stop-scope.js';
import { summarise } from './summary.js';
import { templateProgram } from './template.js';
import { utf8Length } from './utf8.js';
import { elements, inlineBytes, plain } from './values.js';

const evaluate = (template: Parameters<typeof templateProgram>[0], input: Parameters<typeof run>[1]) =>
  run(compile(templateProgram(template) ?? ''), input)[0];

describe('what is said twice', () => {
  it('equals the contract', () => {
    expect(limits.CLAIM_CHECK_BYTES).toBe(CLAIM_CHECK_BYTES);
    expect(limits.BATCH_BYTES).toBe(contract.BATCH_BYTES);
    expect(limits.BATCH_CALLS).toBe(contract.BATCH_CALLS);
    expect(CALL_DEFAULTS.timeout).toEqual(timeoutSchema.parse({}));
    expect(CALL_DEFAULTS.retry).toEqual(retrySchema.parse({}));
  });
});

describe('UTF-8 length', () => {
  it('equals what Node counts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => expect(utf8Length(text)).toBe(Buffer.byteLength(text))),
    );
    expect(utf8Length('\ud800a')).toBe(Buffer.byteLength('\ud800a'));
  });
});

describe('templates', () => {
  it('keep the type of a lone expression and make text inside of text', () => {
    expect(evaluate('${ .a }', { a: 1 })).toBe(1);
    expect(evaluate({ x: ['${ .a }-${ .b }'] }, { a: 1, b: 'c' })).toEqual({ x: ['1-c'] });
  });

  it('find the brace that closes, also behind strings and comments', () => {
    expect(evaluate('${ {a:"}"} }', null)).toEqual({ a: '}' });
    expect(evaluate('${ 1 # } \n }!', null)).toBe('1!');
    expect(() => templateProgram('${ .a')).toThrow('not closed');
  });

  it('leave everything else alone', () => {
    const plainJson = fc.jsonValue().filter((json) => !JSON.stringify(json).includes('${'));
    fc.assert(fc.property(plainJson, (json) => expect(templateProgram(json as never)).toBeUndefined()));
    expect(evaluate({ a: 'x\\(1) "', b: '${ 1 }', c: -1 }, null)).toEqual({ a: 'x\\(1) "', b: 1, c: -1 });
  });
});

describe('batches', () => {
  const terms = {};
  const call = (bytes: number, group?: object) => ({
    bytes,
    terms,
    termsBytes: 0,
    group,
    limit: limits.BATCH_CALLS,
  });

  it('hold at most 250 calls and 128 KiB, and never none', () => {
    const queue = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(queue, fc.nat(100), fc.boolean(), (sizes, inFlight, grouped) => {
        const group = grouped ? {} : undefined;
        const size = nextBatchSize(
          sizes.map((bytes) => call(bytes, group)),
          inFlight,
        );
        expect(size).toBeGreaterThan(0);
        expect(size).toBeLessThanOrEqual(250);
        const bytes = sizes.slice(0, size).reduce((sum, one) => sum + one, 0);
        if (size > 1) expect(bytes).toBeLessThanOrEqual(limits.BATCH_BYTES);
      }),
    );
  });

  it('carry the terms that calls share once', () => {
    const group = {};
    const shared = { terms: {}, termsBytes: limits.BATCH_BYTES - 1_000 };
    const queue = Array.from({ length: 2_000 }, () => ({ ...call(1, group), ...shared, limit: limits.MAX_CALLS }));
    expect([nextBatchSize(queue, 0), bytesOf(queue.slice(0, 1_000))]).toEqual([1_000, limits.BATCH_BYTES]);
    const others = queue.map((one) => ({ ...one, terms: {} }));
    expect([nextBatchSize(others, 0), bytesOf(others.slice(0, 2))]).toEqual([1, 2 * limits.BATCH_BYTES - 1_998]);
  });

  it('send single calls alone while there is room', () => {
    const singles = Array.from({ length: 10 }, () => call(1));
    expect([nextBatchSize(singles, 0), nextBatchSize(singles, 45), nextBatchSize([], 0)]).toEqual([1, 10, 0]);
  });
});

describe('stop scopes', () => {
  it('end with the scope around them, once, and keep the first reason', () => {
    const outer = new StopScope();
    const inner = outer.child();
    const heard: string[] = [];
    inner.onStop((reason) => heard.push(reason));
    inner.stop('lost');
    outer.stop('canceled');
    expect([heard, inner.reason, outer.reason]).toEqual([['lost'], 'lost', 'canceled']);
  });
});

describe('values', () => {
  it('are plain only without references', () => {
    expect(plain({ object: { a: { list: [{ inline: 1 }] } } })).toEqual({ a: [1] });
    expect(plain({ list: [{ ref: 'r', bytes: 9 }] })).toBeUndefined();
    expect(inlineBytes({ inline: 'é' })).toBe(4);
  });

  it('of a stored list are references into it', () => {
    expect(elements({ ref: 'r', bytes: 9, length: 2 })).toEqual([
      { ref: 'r', bytes: 9, index: 0 },
      { ref: 'r', bytes: 9, index: 1 },
    ]);
    expect(elements({ inline: 3 })).toBeUndefined();
  });
});

describe('summaries', () => {
  it('count calls by who does them', () => {
    const call = { target: { capability: 'triage' } } as contract.AgentCall;
    expect(summarise([call, call, { target: { agent: 'bob' } } as contract.AgentCall])).toBe('2 × triage, bob');
  });
});
