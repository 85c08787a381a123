import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareVersions, isRange, satisfies } from './semver-range.js';

describe('satisfies', () => {
  const inside: [range: string, version: string][] = [
    ['1.2.3', '1.2.3'],
    ['=1.2.3', '1.2.3'],
    ['^1.2.0', '1.9.9'],
    ['^0.2.3', '0.2.9'],
    ['^0.0.3', '0.0.3'],
    ['^0', '0.9.0'],
    ['~1.2.3', '1.2.9'],
    ['~1.2', '1.2.0'],
    ['~1', '1.9.0'],
    ['>=1.2.0', '2.0.0'],
    ['>=1.0.0 <3.0.0', '2.9.9'],
    ['>= 1.0.0 < 3', '2.9.9'],
    ['>1.2', '1.3.0'],
    ['<=1.2', '1.2.9'],
    ['<2', '1.9.9'],
    ['1.x', '1.7.0'],
    ['1.2.*', '1.2.7'],
    ['1', '1.7.0'],
    ['x', '0.0.1'],
    ['*', '9.9.9'],
    ['', '1.0.0'],
    ['1.0.0 - 1.9.0', '1.9.0'],
    ['^1.0.0 || ^3.0.0', '3.1.0'],
    ['^1.2.3-beta.2', '1.2.3-beta.11'],
    ['1.2.3', '1.2.3+build.7'],
    ['>1.2.3-alpha', '1.2.3-beta'],
  ];
  it.each(inside)('%s holds %s', (range, version) => expect(satisfies(version, range)).toBe(true));

  const outside: [range: string, version: string][] = [
    ['1.2.3', '1.2.4'],
    ['^1.2.0', '2.0.0'],
    ['^1.2.0', '1.1.9'],
    ['^0.2.3', '0.3.0'],
    ['^0.0.3', '0.0.4'],
    ['^1.2.0', '2.0.0-beta'],
    ['~1.2.3', '1.3.0'],
    ['<2', '2.0.0-rc.1'],
    ['>1.2', '1.2.9'],
    ['>1', '1.9.0'],
    ['>x', '1.0.0'],
    ['<=1.2', '1.3.0'],
    ['1.x', '2.0.0'],
    ['>=1.0.0 <3.0.0', '3.0.0'],
    ['^1.0.0 || ^3.0.0', '2.0.0'],
    ['^1.0.0', '1.5.0-beta.1'],
    ['latest', '1.0.0'],
    ['^1.2.3.4', '1.2.3'],
    ['^1.0.0', 'one'],
  ];
  it.each(outside)('%s does not hold %s', (range, version) => expect(satisfies(version, range)).toBe(false));

  it('knows which texts are ranges', () => {
    expect(['^1.2.0', '1.x', '', '>=1 <2 || 3'].map(isRange)).toEqual([true, true, true, true]);
    expect(['latest', '^', '>=a'].map(isRange)).toEqual([false, false, false]);
  });
});

const version = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)).map((numbers) => numbers.join('.'));

describe('compareVersions', () => {
  it('orders prereleases as semver.org lists them', () => {
    const ordered = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11'];
    expect([...ordered, '1.0.0-rc.1', '1.0.0', 'none'].toReversed().toSorted(compareVersions)).toEqual([
      'none',
      ...ordered,
      '1.0.0-rc.1',
      '1.0.0',
    ]);
  });

  it('agrees with the ranges that are made of one comparison', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(satisfies(a, `>=${b}`)).toBe(compareVersions(a, b) >= 0);
        expect(satisfies(a, `<${b}`)).toBe(compareVersions(a, b) < 0);
        expect(satisfies(a, b)).toBe(a === b);
      }),
    );
  });

  it('keeps every caret range inside its major version', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        if (satisfies(a, `^${b}`)) expect(a.split('.')[0]).toBe(b.split('.')[0]);
      }),
    );
  });
});
