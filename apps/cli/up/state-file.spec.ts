import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../user-error.js';
import { identify } from './process-identity.js';
import { recoverFromCrash } from './recover.js';
import { emptyStatus, readState, removeState, writeState, type Status } from './state-file.js';
import { readStatus, renderStatus } from './status.command.js';
import { releaseLock, takeLock } from './supervisor-lock.js';
import { renderTable } from './table.js';

describe('the state of a running Brikk', () => {
  let home: string;
  let status: Status;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'brikk-state-'));
    status = {
      ...emptyStatus(home),
      api: { url: 'http://127.0.0.1:7601', pid: process.pid },
      workers: [{ pid: null, queues: ['brikk-core'] }],
      temporal: { address: '127.0.0.1:7233', uiUrl: null, pid: null, source: 'cache', version: '1.29.1' },
      postgres: { url: 'postgres://brikk@127.0.0.1:7632/brikk', pid: 12 },
      agents: [{ name: 'triage', pid: 13 }],
      devKey: 'brk_dev',
    };
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('is read as it was written, with who its processes are, for this user alone', () => {
    writeState(home, true, status);
    const state = readState(home);
    expect(state).toMatchObject({ ready: true, status });
    expect(state?.processes).toContainEqual(identify(process.pid));
    expect(statSync(join(home, 'state.json')).mode & 0o077).toBe(0);
    expect(readdirSync(home)).toEqual(['state.json']);
    removeState(home);
    expect(readState(home)).toBeUndefined();
  });

  it.each(['', '{"ready": tr', '[]', '{"ready":true,"status":{},"processes":[]}'])(
    'counts as absent when the file holds %j',
    (text) => {
      writeFileSync(join(home, 'state.json'), text);
      expect(readState(home)).toBeUndefined();
    },
  );

  it('is shown by `brikk status` once it is ready', () => {
    expect(() => readStatus(home)).toThrow(UserError);
    expect(() => readStatus(home)).toThrow(/is not running on .*: start it with "brikk up"/);
    takeLock(home);
    writeState(home, false, status);
    expect(() => readStatus(home)).toThrow(/still starting/);
    writeState(home, true, status);
    expect(readStatus(home)).toEqual(status);
    releaseLock(home);
  });

  it('is rendered with every part, without the password of Postgres', () => {
    const text = renderStatus({
      ...status,
      postgres: { url: 'postgres://brikk:secret@127.0.0.1:7632/brikk', pid: 12 },
    });
    for (const part of ['http://127.0.0.1:7601', 'brikk-core (not ours)', 'server 1.29.1', 'triage (pid 13)', home])
      expect(text).toContain(part);
    expect(text).not.toContain('secret');
  });

  it('leaves nothing to wait for after a crash whose processes have ended', async () => {
    writeState(home, true, status);
    const state = readState(home);
    const processes = [{ pid: process.pid, startedAt: 'long ago' }];
    writeFileSync(join(home, 'state.json'), JSON.stringify({ ...state, processes }));
    expect(await recoverFromCrash(home)).toBe(0);
    expect(readState(home)).toBeUndefined();
  });

  it('ends in three commands to try, one of them a run', () => {
    const [, tries = ''] = renderTable(status).split('Try:\n');
    const commands = tries.trim().split('\n');
    expect(commands).toHaveLength(3);
    expect(commands[1]).toMatch(/brikk run agent --with '\{.*\}' --input '\{.*\}' --follow$/);
    for (const [json = ''] of (commands[1] ?? '').matchAll(/\{[^}]*\}/g)) expect(() => JSON.parse(json)).not.toThrow();
    expect(renderTable(status)).toContain('none (127.0.0.1:7233)');
    expect(renderTable({ ...status, agents: [] })).toContain('npx brikk run --help');
  });
});
