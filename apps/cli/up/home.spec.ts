import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode, explainFileError, UserError } from '../user-error.js';
import { logFileOf, prepareHome, wipeHome } from './home.js';

describe('the data folder', () => {
  let folder: string;
  let home: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'brikk-home-'));
    home = join(folder, 'a', 'home');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is made for this user alone, and left as it is the next time', () => {
    prepareHome(home);
    prepareHome(home);
    expect(statSync(home).mode & 0o077).toBe(0);
    expect(readdirSync(home).toSorted()).toEqual(['brikk-home', 'logs']);
  });

  it('is emptied when Brikk made it', () => {
    prepareHome(home);
    writeFileSync(join(home, 'db.json'), '{}');
    wipeHome(home);
    expect(readdirSync(home)).toEqual([]);
    wipeHome(home);
    wipeHome(join(folder, 'never-made'));
  });

  it('is not emptied when it held files before', () => {
    writeFileSync(join(folder, 'thesis.txt'), 'years');
    prepareHome(folder);
    expect(() => wipeHome(folder)).toThrow(UserError);
    expect(() => wipeHome(folder)).toThrow(/was not made by brikk up/);
    expect(existsSync(join(folder, 'thesis.txt'))).toBe(true);
  });

  it('is refused in one sentence where a file is in the way', () => {
    writeFileSync(join(folder, 'a'), '');
    expect(() => prepareHome(home)).toThrow(UserError);
    expect(() => prepareHome(home)).toThrow(/^Cannot write to .*: a part of the path is a file, .* BRIKK_HOME\.$/);
  });

  it('sets a long log aside and keeps a short one', () => {
    prepareHome(home);
    const log = logFileOf(home, 'api');
    writeFileSync(log, 'short');
    expect(logFileOf(home, 'api')).toBe(log);
    expect(existsSync(log)).toBe(true);
    truncateSync(log, 21 * 1024 * 1024);
    expect(logFileOf(home, 'api')).toBe(log);
    expect(readdirSync(join(home, 'logs'))).toEqual(['api.log.1']);
  });
});

describe('an error of the operating system', () => {
  it('becomes a sentence when a person can act on it, and stays itself otherwise', () => {
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    expect(explainFileError(full, '/data')).toMatchObject({ message: expect.stringMatching(/the disk is full/) });
    const other = Object.assign(new Error('odd'), { code: 'EODD' });
    expect(explainFileError(other, '/data')).toBe(other);
    expect([errorCode('text'), errorCode(null), errorCode({ code: 7 })]).toEqual([undefined, undefined, undefined]);
  });
});
