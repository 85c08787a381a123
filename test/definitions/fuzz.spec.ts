import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { functionCatalogue } from '../../contracts/function-schemas.js';
import { checkDefinition, type CheckedDefinition } from '../../workflows/language/checker/check-definition.js';
import { formatProblem } from '../../workflows/language/checker/problem.js';
import { mutatedDocument } from './mutate-document.js';
import { SAMPLE_TASKS, sampleDocument } from './sample-documents.js';

const functions = functionCatalogue();
const isWhole = ({ valid, errors, warnings, definition }: CheckedDefinition) => {
  expect(valid).toBe(errors.length === 0);
  expect(definition !== undefined).toBe(valid);
  for (const problem of [...errors, ...warnings])
    expect(formatProblem('f', problem)).toMatch(/^f(?::\d+:\d+)? [a-z-]+.*: ./);
};

const BITS = [
  '[',
  '{',
  '}',
  ']',
  ': ',
  '- ',
  '\n',
  '  ',
  '\t',
  '"',
  "'",
  '&a ',
  '*a',
  '!x ',
  '${',
  '}',
  '|',
  '#',
  '? ',
  '\0',
  '\ud800',
  '%',
  '---\n',
];
const edit = fc.record({
  at: fc.nat(5_000),
  cut: fc.nat(12),
  bit: fc.oneof(fc.constantFrom(...BITS), fc.string({ maxLength: 4 })),
});
const mutatedText = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...Object.keys(SAMPLE_TASKS)), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
    fc.array(edit, { maxLength: 4 }),
  )
  .map(([tasks, isJson, edits]) =>
    edits.reduce(
      (text, { at, cut, bit }) => `${text.slice(0, at % text.length)}${bit}${text.slice((at % text.length) + cut)}`,
      isJson ? JSON.stringify(sampleDocument(tasks), null, 1) : stringify(sampleDocument(tasks)),
    ),
  );

describe('whatever is written', () => {
  it('is checked without a failure of the checker: texts', () => {
    fc.assert(
      fc.property(mutatedText, (text) => isWhole(checkDefinition(text, { functions }))),
      { numRuns: 200 },
    );
  });

  it('is checked without a failure of the checker: values', () => {
    fc.assert(
      fc.property(mutatedDocument, (document) => isWhole(checkDefinition(document as object, { functions }))),
      { numRuns: 200 },
    );
  });

  it('is the same definition in YAML and JSON, with the same mistakes', () => {
    fc.assert(
      fc.property(mutatedDocument, (document) => {
        const yaml = checkDefinition(stringify(document, { aliasDuplicateObjects: false }));
        const json = checkDefinition(JSON.stringify(document));
        const places = ({ errors }: CheckedDefinition) => errors.map(({ path, code }) => `${path} ${code}`).sort();
        expect(places(yaml)).toEqual(places(json));
        expect(yaml.definition).toEqual(json.definition);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['brackets', '['.repeat(500_000)],
    ['braces', '{a: '.repeat(200_000)],
    ['dashes', '- '.repeat(100_000)],
    ['keys', 'a: '.repeat(100_000)],
    ['question marks', '? '.repeat(100_000)],
    ['quotes', '"'.repeat(900_000)],
    ['anchors', '&a '.repeat(20_000)],
    ['lines', '\n'.repeat(1_000_000)],
    ['comments', '#\n'.repeat(500_000)],
    ['too much', 'x'.repeat(1_048_577)],
    ['an alias of itself', 'a: &a [*a]'],
  ])('is refused soon: %s', (_, text) => {
    const before = performance.now();
    const { valid, errors } = checkDefinition(text);
    expect({ valid, count: errors.length }).toEqual({ valid: false, count: 1 });
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it('is refused when aliases would make it endless', () => {
    const lines = Array.from(
      { length: 12 },
      (_, level) =>
        `a${level}: &a${level} [${Array(8)
          .fill(level === 0 ? 1 : `*a${level - 1}`)
          .join(', ')}]`,
    );
    expect(checkDefinition(lines.join('\n')).errors).toMatchObject([{ code: 'too-many-aliases' }]);
  });

  it('is refused when a value from elsewhere is too deep', () => {
    let deep: object = {};
    for (let level = 0; level < 20_000; level++) deep = { deep };
    expect(checkDefinition(deep).errors).toMatchObject([{ code: 'too-deep', path: '' }]);
  });
});
