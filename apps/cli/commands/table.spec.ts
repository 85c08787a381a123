import { describe, expect, it } from '@jest/globals';
import { ago, between, duration, table } from './table.js';

describe('a table', () => {
  it('lines its columns up and leaves no space at the end of a line', () => {
    expect(table(['A', 'LONG'], [['wider', 'x'], ['y']]).split('\n')).toEqual(['A      LONG', 'wider  x', 'y']);
  });
});

describe('times', () => {
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

  it('are a dash while one end is missing', () => {
    expect(between('2026-01-01T00:00:00Z', null)).toBe('–');
    expect(between('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:02.500Z')).toBe('2.5 s');
  });

  it.each([
    [5, '5 s ago'],
    [-3, '0 s ago'],
    [180, '3 min ago'],
    [7_300, '2 h ago'],
    [200_000, '2025-12-29'],
  ])('lie %d s back as %s', (seconds, text) => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(ago(new Date(now - seconds * 1_000).toISOString(), now)).toBe(text);
  });
});
