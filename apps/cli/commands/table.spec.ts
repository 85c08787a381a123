import { describe, expect, it } from '@jest/globals';
import { ago, between, table } from './table.js';

describe('a table', () => {
  it('lines its columns up and leaves no space at the end of a line', () => {
    expect(table(['A', 'LONG'], [['wider', 'x'], ['y']]).split('\n')).toEqual(['A      LONG', 'wider  x', 'y']);
  });
});

describe('times', () => {
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
