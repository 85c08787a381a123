import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import type { Json, SchemaDocument } from '../contracts/json.js';
import { violationsWithin } from './schema-within.js';

const text = { type: 'string' };
const object = (properties: { [name: string]: SchemaDocument }, required: string[] = [], more: object = {}) =>
  ({ type: 'object', properties, required, ...more }) as SchemaDocument;
const listOf = (items: SchemaDocument): SchemaDocument => ({ type: 'array', items });

describe('a schema within another one', () => {
  const inside: [what: string, narrow: SchemaDocument, wide: SchemaDocument][] = [
    ['anything within no demands', true, {}],
    ['nothing within anything', false, { type: 'string' }],
    ['integers within numbers', { type: 'integer', minimum: 1 }, { type: 'number', minimum: 0 }],
    ['a list of values within a type', { enum: ['a', 'b'] }, { type: 'string', maxLength: 1 }],
    ['a value within a list', { const: 'a' }, { enum: ['b', 'a'] }],
    ['more fields than are named, where others may be', object({ a: text, b: text }, ['a', 'b']), object({ a: text })],
    ['fields that are not named', object({ a: text }, ['a']), object({ a: text, b: text }, ['a'])],
    ['items', { type: 'array', items: { type: 'integer' }, maxItems: 2 }, { type: 'array', items: { type: 'number' } }],
    [
      'a pair within a list',
      { type: 'array', prefixItems: [text, text], items: false },
      { type: 'array', items: text },
    ],
    ['alternatives, each within one', { anyOf: [text, { type: 'null' }] }, { type: ['string', 'null', 'boolean'] }],
    ['types, each within an alternative', { type: ['string', 'null'] }, { anyOf: [text, { type: 'null' }] }],
    [
      'alternatives that a field tells apart',
      object({ kind: { const: 'a' }, x: text }, ['kind', 'x']),
      { oneOf: [object({ kind: { const: 'a' }, x: text }, ['kind', 'x']), object({ kind: { const: 'b' } }, ['kind'])] },
    ],
    ['definitions', { $ref: '#/$defs/t', $defs: { t: text } }, { $ref: '#/$defs/u', $defs: { u: { type: 'string' } } }],
    ['all of several', { allOf: [text, { minLength: 3 }] }, { type: 'string', minLength: 2 }],
    ['the same pattern', { type: 'string', pattern: '^a' }, { pattern: '^a' }],
    ['what is said of other types', text, { minimum: 3 }],
  ];
  it.each(inside)('%s', (_, narrow, wide) => expect(violationsWithin(narrow, wide)).toEqual([]));

  const outside: [why: string, narrow: SchemaDocument, wide: SchemaDocument][] = [
    ['/ must be string, may be integer', { type: 'integer' }, text],
    ['/ must not be there', text, false],
    ['/ may lack "b"', object({ a: text, b: text }, ['a']), object({}, ['b'])],
    ['/a must be string, may be null', object({ a: { type: ['string', 'null'] } }), object({ a: text })],
    ['/b must not be there', object({ a: text, b: text }), object({ a: text }, [], { additionalProperties: false })],
    [
      '/* must be string, may be integer',
      object({}, [], { additionalProperties: { type: 'integer' } }),
      object({}, [], { additionalProperties: text }),
    ],
    ['/ may break minimum 1', { type: 'number', minimum: 0 }, { type: 'number', minimum: 1 }],
    ['/*/id must be string, may be number', listOf(object({ id: { type: 'number' } })), listOf(object({ id: text }))],
    ['/ must be "a", may be "b"', { enum: ['a', 'b'] }, { const: 'a' }],
    ['/ cannot be shown to keep to pattern "^a"', text, { type: 'string', pattern: '^a' }],
    ['/ cannot be shown to keep to $unresolved', text, { $ref: 'https://example.com/schema' }],
    ['/ may be what none of the 2 alternatives takes alone', { type: 'string' }, { oneOf: [text, { minLength: 1 }] }],
  ];
  it.each(outside)('says where not: %s', (why, narrow, wide) => {
    expect(violationsWithin(narrow, wide)).toContain(why);
  });

  it('ends with schemas that refer to themselves', () => {
    const tree = { type: 'object', properties: { next: { $ref: '#' } } };
    expect(violationsWithin(tree, tree)[0]).toMatch(/is too intricate to be compared$/);
  });

  it('takes nothing for within that a validator refuses', () => {
    let shown = 0;
    fc.assert(
      fc.property(pairs, fc.array(values, { minLength: 40, maxLength: 40 }), ([narrow, wide], some) => {
        if (violationsWithin(narrow, wide).length > 0) return;
        shown += 1;
        const [fitsNarrow, fitsWide] = [validator(closed(narrow)), validator(wide)];
        for (const value of some.filter(fitsNarrow))
          expect({ value, fits: fitsWide(value) }).toEqual({ value, fits: true });
      }),
      { numRuns: 300 },
    );
    expect(shown).toBeGreaterThan(80);
  });
});

/** What Ajv generates for unevaluated fields beside `not` may fail: what it cannot judge is not compared. */
function validator(schema: SchemaDocument): (value: Json) => boolean {
  const validate = new Ajv2020({ strict: false, logger: false }).compile(schema);
  return (value) => {
    try {
      return validate(value);
    } catch (error) {
      if (error instanceof ReferenceError) return false;
      throw error;
    }
  };
}

/** Fields that a schema does not name are not there; what `allOf` brings is part of the schema that it stands in. */
function closed(schema: SchemaDocument, isPlace = true): SchemaDocument {
  if (typeof schema === 'boolean') return schema;
  const each = (list: Json, place: boolean) => (list as SchemaDocument[]).map((one) => closed(one, place));
  const inner = Object.entries(schema).flatMap(([keyword, value]): [string, Json][] => {
    if (keyword === 'additionalProperties') {
      const isOpen = value === true || JSON.stringify(value) === '{}';
      return isOpen ? [] : [[keyword, closed(value as SchemaDocument)]];
    }
    if (keyword === 'properties')
      return [[keyword, Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, closed(one)]))]];
    if (keyword === 'items') return [[keyword, closed(value as SchemaDocument)]];
    if (['anyOf', 'oneOf', 'prefixItems', 'allOf'].includes(keyword))
      return [[keyword, each(value, keyword !== 'allOf')]];
    return [[keyword, value]];
  });
  return { ...Object.fromEntries(inner), ...(isPlace && { unevaluatedProperties: false }) };
}

const names = fc.constantFrom('a', 'b');
const scalars: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 'a', 'ab', '', 0.5),
  fc.integer({ min: -2, max: 4 }),
);
const { value: values } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 2 },
    scalars,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(names, tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
}));
const limits = fc.integer({ min: -1, max: 3 });
const sizes = fc.integer({ min: 0, max: 3 });
const { schema: schemas } = fc.letrec<{ schema: SchemaDocument }>((tie) => {
  const inner = tie('schema');
  const some = fc.array(inner, { minLength: 1, maxLength: 2 });
  const named = fc.dictionary(names, inner, { maxKeys: 2, noNullPrototype: true });
  const keywords = fc.record(
    {
      type: fc.constantFrom('string', 'integer', 'number', 'object', 'array', ['string', 'null'], ['number', 'object']),
      enum: fc.array(scalars, { minLength: 1, maxLength: 3 }),
      minimum: limits,
      exclusiveMaximum: limits,
      multipleOf: fc.constantFrom(1, 2, 0.5),
      minLength: sizes,
      maxLength: sizes,
      properties: named,
      required: fc.uniqueArray(names, { maxLength: 2 }),
      additionalProperties: inner,
      minProperties: sizes,
      maxProperties: sizes,
      prefixItems: some,
      items: inner,
      minItems: sizes,
      maxItems: sizes,
      uniqueItems: fc.boolean(),
      anyOf: some,
      oneOf: some,
      allOf: some,
      not: inner,
    },
    { requiredKeys: [] },
  );
  const few = fc
    .tuple(keywords, fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }))
    .map(([all, kept]) =>
      Object.fromEntries(Object.entries(all).filter((_, at) => kept.some((one) => one % 7 === at % 7))),
    );
  return {
    schema: fc.oneof({ depthSize: 'small', maxDepth: 3 }, fc.boolean(), few as fc.Arbitrary<SchemaDocument>),
  };
});
const pairs: fc.Arbitrary<[SchemaDocument, SchemaDocument]> = fc.oneof(
  fc.tuple(schemas, schemas),
  fc.tuple(schemas, schemas).map(([one, other]): [SchemaDocument, SchemaDocument] => [one, { anyOf: [other, one] }]),
  fc.tuple(schemas, schemas).map(([one, other]): [SchemaDocument, SchemaDocument] => [{ allOf: [one, other] }, one]),
);
