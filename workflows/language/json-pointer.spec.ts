import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../contracts/json.js';
import { below, pointerIn, pointerOf, stepsOf, valueAt } from './json-pointer.js';

/** The document of RFC 6901, section 5. */
const DOCUMENT: Json = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
};

describe('a JSON pointer', () => {
  it.each<[string, Json | undefined]>([
    ['', DOCUMENT],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
    ['/foo/2', undefined],
    ['/foo/00', undefined],
    ['/foo/-', undefined],
    ['/foo/length', undefined],
    ['/foo/0/length', undefined],
    ['/toString', undefined],
    ['/__proto__', undefined],
    ['/none/below', undefined],
  ])('%s leads to %j', (pointer, value) => expect(valueAt(DOCUMENT, pointer)).toEqual(value));

  it.each<[string, string | undefined]>([
    ['#', ''],
    ['#/c%25d', '/c%d'],
    ['#/a~1b', '/a~1b'],
    ['#/orders~1%7Bshop%7D', '/orders~1{shop}'],
    ['#/%', undefined],
    ['#anchor', undefined],
    ['other.json#/a', undefined],
  ])('of the reference %s is %s', (reference, pointer) => expect(pointerIn(reference)).toBe(pointer));

  it('reads what it writes, whatever the names', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('~', '/', '0', '1', 'a', '%') })), (steps) => {
        expect(stepsOf(pointerOf(steps))).toEqual(steps);
        expect(stepsOf(below('/do/0', ...steps))).toEqual(['do', '0', ...steps]);
      }),
    ));
});
