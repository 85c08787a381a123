import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../user-error.js';
import { identify } from './process-identity.js';
import { findSupervisor, releaseLock, takeLock } from './supervisor-lock.js';

describe('the lock of a data folder', () => {
  let home: string;
  let lock: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'brikk-lock-'));
    lock = join(home, 'supervisor.json');
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('makes this process the supervisor, readable by this user alone, until it is released', () => {
    expect(takeLock(home)).toBeUndefined();
    expect(findSupervisor(home)).toEqual(identify(process.pid));
    expect(statSync(lock).mode & 0o077).toBe(0);
    expect(readdirSync(home)).toEqual(['supervisor.json']);
    releaseLock(home);
    expect(findSupervisor(home)).toBeUndefined();
    expect(existsSync(lock)).toBe(false);
  });

  it('names the live holder, and only the holder releases it', async () => {
    const other = spawn('sleep', ['60']);
    try {
      const holder = identify(other.pid ?? 0);
      writeFileSync(lock, JSON.stringify(holder));
      expect(takeLock(home)).toEqual(holder);
      releaseLock(home);
      expect(findSupervisor(home)).toEqual(holder);
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
    expect(findSupervisor(home)).toBeUndefined();
    expect(takeLock(home)).toBeUndefined();
  });

  it.each([
    ['its pid belongs to another program by now', JSON.stringify({ pid: process.pid, startedAt: 'long ago' })],
    ['nobody has its pid', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' })],
    ['it is cut off', '{"pid": 1'],
    ['it is empty', ''],
    ['it holds something else', '[]'],
  ])('is taken over when %s', (_, text) => {
    writeFileSync(lock, text);
    expect(findSupervisor(home)).toBeUndefined();
    expect(takeLock(home)).toBeUndefined();
    expect(findSupervisor(home)).toEqual(identify(process.pid));
    expect(readdirSync(home)).toEqual(['supervisor.json']);
  });

  it('says in one sentence when the folder cannot hold it', () => {
    const gone = join(home, 'gone');
    expect(() => takeLock(gone)).toThrow(UserError);
    expect(() => takeLock(gone)).toThrow(/^Cannot write to .*gone: .*BRIKK_HOME\.$/);
  });
});
