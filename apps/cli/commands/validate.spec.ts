import { describe, expect, it } from '@jest/globals';
import { checkFile, report } from './validate.js';

const HEAD = "document: { dsl: '1.0.3', namespace: test, name: flow, version: '1.0.0' }\n";
const good = checkFile('good.yaml', `${HEAD}do: [ { a: { call: agent, with: { capability: triage } } } ]`);
const bad = checkFile('-', `${HEAD}do: [ { a: { wait: soon } }, { b: { run: { shell: { command: ls } } } } ]`);

describe('what is printed of checked files', () => {
  it('is that all are valid', () => {
    expect(report([good])).toBe('1 file valid.');
    expect(report([good, good])).toBe('2 files valid.');
  });

  it('is a line for each mistake and warning, where it stands', () => {
    expect(report([good, bad]).split('\n')).toEqual([
      'stdin:2:20 wrong-format /do/0/a/wait: must be a duration such as PT30S or {seconds: 30}, or an expression in ${ }',
      'stdin:2:44 refused-kind /do/1/b/run/shell: run.shell is refused unless the operator allows it by BRIKK_ALLOW_PROCESSES=shell (warning)',
      '1 of 2 files not valid.',
    ]);
  });
});
