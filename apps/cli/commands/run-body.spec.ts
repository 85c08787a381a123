import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../user-error.js';
import { runBody } from './run-body.js';

let folder: string;
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'brikk-body-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the body of `brikk run`', () => {
  it('is a pattern with the JSON of --with and --input', () => {
    const body = runBody('agent', { with: '{"capability":"triage"}', input: '"text"', budget: '{"calls":2}' });
    expect(body).toEqual({ pattern: 'agent', with: { capability: 'triage' }, input: 'text', budget: { calls: 2 } });
  });

  it('takes JSON and YAML from files', () => {
    const params = file('params.yaml', 'capability: triage\n');
    const input = file('input.json', '[1, 2]');
    const body = runBody('agent', { with: `@${params}`, input: `@${input}` });
    expect(body).toEqual({ pattern: 'agent', with: { capability: 'triage' }, input: [1, 2] });
  });

  it('is a file whose parts the options replace, and whose labels they add to', () => {
    const run = file(
      'run.yml',
      'pattern: agent\nwith: {capability: triage}\ninput: old\nlabels: {team: ops, day: mo}\n',
    );
    expect(runBody(run, { input: '"new"', label: ['day=tu', 'note=a=b'] })).toEqual({
      pattern: 'agent',
      with: { capability: 'triage' },
      input: 'new',
      labels: { team: 'ops', day: 'tu', note: 'a=b' },
    });
  });

  it.each([
    ['a word that is neither pattern nor file', () => runBody('agnet', {}), /^agnet is neither .* agent, sequential/],
    ['a file that is missing', () => runBody('no/run.json', {}), /^no\/run\.json cannot be read/],
    ['a file without an object', () => runBody(file('list.json', '[]'), {}), /must hold an object/],
    ['a broken JSON file', () => runBody(file('bad.json', '{'), {}), /is not JSON: /],
    ['a broken YAML file', () => runBody(file('bad.yaml', 'a: [1'), {}), /is not YAML: /],
    ['broken JSON in an option', () => runBody('agent', { with: '{capability}' }), /^--with is not JSON/],
    ['a label without a name', () => runBody('agent', { label: ['=ops'] }), /^--label =ops is not key=value/],
  ])('refuses %s in one sentence', (_, work, message) => {
    expect(work).toThrow(UserError);
    expect(work).toThrow(message);
    expect(work).not.toThrow(/\n/);
  });
});
