import { describe, expect, it } from '@jest/globals';
import { FUNCTIONS } from './functions.js';
import { PATTERNS, type PatternName } from './patterns.js';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const pageOf = (name: PatternName) => path.join(import.meta.dirname, '..', FUNCTIONS[name].docs.split('#')[0] ?? '');

describe('the catalogue', () => {
  it.each([...PATTERNS])('has a page that says of %s when to use it, when not, and what it costs', (name) => {
    const text = readFileSync(pageOf(name), 'utf8').replaceAll('\n', ' ');
    expect(text).toMatch(/\bUse it (when|for)\b/);
    expect(text).toMatch(/\bLeave it (when|for)\b/);
    expect(text).toMatch(/\bCost: |\bcosts one call\b/);
  });

  it('leads each pattern to a place that the documentation has', () => {
    for (const name of PATTERNS) {
      const [page = '', heading] = FUNCTIONS[name].docs.split('#');
      const file = path.join(import.meta.dirname, '..', page);
      expect({ page, isThere: existsSync(file) }).toEqual({ page, isThere: true });
      if (heading) expect(readFileSync(file, 'utf8')).toContain(`\n## ${heading}\n`);
    }
  });
});
