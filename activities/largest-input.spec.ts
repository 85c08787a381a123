import { describe, expect, it } from '@jest/globals';
import type { SchemaDocument } from '../contracts/json.js';
import { largestInputTokens } from './largest-input.js';

const tokens = (...schemas: SchemaDocument[]) => largestInputTokens(schemas);
const text = (maxLength: number) => ({ type: 'string', maxLength });

describe('the largest input that schemas allow', () => {
  it('has no bound where a part of it has none', () => {
    expect([tokens(), tokens(true), tokens({}), tokens({ type: 'string' })]).toEqual([null, null, null, null]);
    expect(tokens({ type: 'object', properties: { text: text(10) } })).toBeNull();
    expect(tokens({ type: 'array', items: text(10) })).toBeNull();
    expect(tokens({ type: 'array', items: { type: 'string' }, maxItems: 2 })).toBeNull();
    expect(tokens({ type: ['string', 'null'] })).toBeNull();
    expect(tokens({ anyOf: [text(10), { type: 'object' }] })).toBeNull();
    expect(tokens({ $ref: '#/$defs/text' })).toBeNull();
  });

  it('is what texts, lists and closed objects add up to', () => {
    expect(tokens(text(398))).toBe(100);
    expect(tokens({ type: 'array', items: text(7), maxItems: 4 })).toBe(Math.ceil((2 + 4 * 10) / 4));
    const closed = { type: 'object', additionalProperties: false };
    expect(tokens({ ...closed, properties: { text: text(94) } })).toBe(Math.ceil((2 + 8 + 96) / 4));
    expect(tokens({ ...closed, patternProperties: {} })).toBeNull();
    expect([tokens({ type: 'integer' }), tokens({ type: ['boolean', 'null'] }), tokens(false)]).toEqual([6, 2, 0]);
    expect([tokens({ enum: ['a', 'long text'] }), tokens({ const: 'abcd' })]).toEqual([3, 2]);
  });

  it('is the least of what has to hold altogether, the most of what may hold, and the least of several agents', () => {
    expect(tokens({ allOf: [text(398), text(38)] })).toBe(10);
    expect(tokens({ oneOf: [text(398), text(38)] })).toBe(100);
    expect(tokens({ ...text(398), anyOf: [text(38)] })).toBe(10);
    expect(tokens({ type: 'string' }, text(398), text(38))).toBe(10);
  });
});
