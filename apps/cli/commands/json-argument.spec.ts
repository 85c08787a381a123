import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { linesArgument } from './json-argument.js';

describe('many inputs', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(path.join(tmpdir(), 'brikk-inputs-'))));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    const place = path.join(folder, name);
    writeFileSync(place, text);
    return linesArgument('--inputs', `@${place}`);
  };

  it('are the lines of a .jsonl file, empty ones left out', () => {
    expect(file('a.jsonl', '1\n\n{"n": 2}\r\n"three"')).toEqual([1, { n: 2 }, 'three']);
  });

  it('are a list given as JSON, or in a JSON or YAML file', () => {
    expect(linesArgument('--inputs', '[1, 2]')).toEqual([1, 2]);
    expect(file('a.yaml', '- 1\n- text: x\n')).toEqual([1, { text: 'x' }]);
  });

  it('name the line that is not JSON', () => {
    expect(() => file('b.ndjson', '1\n2\nthree')).toThrow(/b\.ndjson is not JSON in line 3/);
    expect(() => linesArgument('--inputs', '@nowhere.jsonl')).toThrow(/nowhere\.jsonl cannot be read/);
  });
});
