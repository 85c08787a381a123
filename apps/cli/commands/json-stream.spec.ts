import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { indented, jsonTexts } from './json-stream.js';

describe('JSON values one after another', () => {
  it.each([
    ['{"a":1}{"b":[2]} 3', ['{"a":1}', '{"b":[2]}', '3']],
    ['1 2\n"x y" null', ['1', '2', '"x y"', 'null']],
    ['"a\\"}" [ "]" ]', ['"a\\"}"', '[ "]" ]']],
    ['  \n', []],
    ['{"a":', ['{"a":']],
    ['"open', ['"open']],
    [']', [']']],
  ])('are told apart: %s', (text, values) => expect(jsonTexts(text)).toEqual(values));

  it('are what was written, whatever it was', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), (values) => {
        const text = values.map((value) => JSON.stringify(value)).join('\n');
        expect(jsonTexts(text).map((one) => JSON.parse(one) as unknown)).toEqual(JSON.parse(JSON.stringify(values)));
      }),
    );
  });

  it('are printed over several lines as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(indented(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });
});
