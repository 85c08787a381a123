import { describe, expect, it } from '@jest/globals';
import { FUNCTIONS } from './functions.js';
import { PATTERNS } from './patterns.js';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

describe('the catalogue', () => {
  it('leads each pattern to a place that the documentation has', () => {
    for (const name of PATTERNS) {
      const [page = '', heading] = FUNCTIONS[name].docs.split('#');
      const file = path.join(import.meta.dirname, '..', page);
      expect({ page, isThere: existsSync(file) }).toEqual({ page, isThere: true });
      if (heading) expect(readFileSync(file, 'utf8')).toContain(`\n## ${heading}\n`);
    }
  });
});
