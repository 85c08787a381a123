import { describe, expect, it } from '@jest/globals';
import { count, duration, excerpt, list, money, shorten } from './words.js';

describe('words of a story', () => {
  it.each([
    [0, '0 ms'],
    [850.4, '850 ms'],
    [999.6, '1.0 s'],
    [3_200, '3.2 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min 0 s'],
    [119_600, '2 min 0 s'],
    [245_000, '4 min 5 s'],
  ])('show %d ms as %s', (ms, text) => expect(duration(ms)).toBe(text));

  it('keep a value on one line and within its limit', () => {
    expect(shorten('a\n  b')).toBe('a b');
    expect(shorten('x'.repeat(20), 10)).toBe(`${'x'.repeat(9)}…`);
    expect(shorten({ a: [1] })).toBe('{"a":[1]}');
  });

  it('name five and count the rest', () => {
    expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
    expect(list('abcdefg'.split(''))).toBe('a, b, c, d, e and 2 more');
  });

  it('agree in number', () => {
    expect([count(1, 'entry'), count(2, 'entry'), count(0, 'task')]).toEqual(['1 entry', '2 entries', '0 tasks']);
  });

  it('show small amounts with the digits that they need', () => {
    expect([money(0), money(0.4), money(0.0012), money(12)]).toEqual(['$0.00', '$0.40', '$0.0012', '$12.00']);
  });

  it('tell what an answer holds', () => {
    expect([excerpt(null), excerpt(7), excerpt(['a'])]).toEqual(['nothing', '7', '1 entry']);
    expect(excerpt({ a: 1, b: ['c', 'd'], e: [], f: [{ n: 1, of: 'me' }, {}], g: { h: 1 } })).toBe(
      'a: 1, b: c; d, e: none, f: me; {}, g: {h}',
    );
  });
});
