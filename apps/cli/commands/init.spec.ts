import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandLine } from '../../../test/support/command-line.js';
import { initProject } from './init.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'brikk-init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('brikk init', () => {
  it('writes a project into a new folder or an empty one, and says what to do next', async () => {
    const said = await commandLine('init', path.join(folder, 'My Agents'));
    expect(said).toMatch(/^Wrote 8 files to .*My Agents\. Next:\n {2}cd .*\n {2}npm install\n/);
    const project = JSON.parse(readFileSync(path.join(folder, 'My Agents', 'package.json'), 'utf8')) as object;
    expect(project).toMatchObject({ name: 'my-agents', dependencies: { brikk: expect.stringMatching(/^file:/) } });
    rmSync(path.join(folder, 'My Agents'), { recursive: true });
    initProject(folder);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['agents', 'test', 'workflows', 'README.md']));
  });

  it('refuses a folder that holds anything, and a file, in a sentence, and writes nothing', async () => {
    const file = path.join(folder, 'notes.txt');
    writeFileSync(file, 'mine');
    await expect(commandLine('init', folder)).rejects.toThrow(/^.* is not empty: choose a folder that is, or one that/);
    await expect(commandLine('init', file)).rejects.toThrow(/ is a file: choose a folder\.$/);
    expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['notes.txt'], 'mine']);
  });
});
