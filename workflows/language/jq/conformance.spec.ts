import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compile, run, type Json } from './index.js';

const folder = process.env['BRIKK_CONFORMANCE_DIR'];
const howToGet =
  'needs BRIKK_CONFORMANCE_DIR with jq/man.test and jq/onig.test (github.com/jqlang/jq, tag jq-1.8.2, tests/)';

/** The environment is closed to workflows. */
const EXPECTED_MISSES = ['$ENV.PAGER', 'env.PAGER'];

interface Case {
  readonly program: string;
  readonly input: Json;
  readonly outputs: Json[];
}

(folder ? describe : describe.skip)(`the cases of jq 1.8.2${folder ? '' : `: ${howToGet}`}`, () => {
  it.each([
    ['man.test', 231, 229],
    ['onig.test', 47, 47],
  ])('%s: gives what jq gives', (file, total, expected) => {
    const cases = readCases(file);
    const misses = cases.filter((candidate) => !passes(candidate)).map(({ program }) => program);
    expect(misses.filter((program) => !EXPECTED_MISSES.includes(program))).toEqual([]);
    expect(cases).toHaveLength(total);
    expect(total - misses.length).toBe(expected);
  });
});

/** Blocks of program, input and outputs; numbers in them are read by our own parser, which knows nan. */
function readCases(file: string): Case[] {
  const lines = readFileSync(join(folder ?? '', 'jq', file), 'utf8').split('\n');
  const text = lines.filter((line) => !line.startsWith('#')).join('\n');
  return text
    .split(/\n[ \t]*(?:\n[ \t]*)+/)
    .map((block) => block.split('\n').filter((line) => line.trim() !== ''))
    .filter((block) => block.length > 0)
    .map(([program = '', input = 'null', ...outputs]) => ({ program, input: read(input), outputs: outputs.map(read) }));
}

const read = (text: string): Json => run(compile('fromjson'), text)[0] ?? null;

function passes({ program, input, outputs }: Case): boolean {
  try {
    const results = run(compile(program), input);
    return run(compile('.[0] == .[1]'), [results, outputs])[0] === true;
  } catch {
    return false;
  }
}
