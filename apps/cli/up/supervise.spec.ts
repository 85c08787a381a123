import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from '../../../test/support/command-line.js';
import { until } from '../../../test/support/until.js';
import { anyFreePort } from './free-port.js';
import { prepareHome } from './home.js';
import { ownerUrlOf } from './owner-url.js';
import { readSettings } from './settings.js';
import type { Status } from './state-file.js';
import { isAlive, isGoneWithin } from './stop-process.js';
import { supervise } from './supervise.js';
import { takeLock } from './supervisor-lock.js';

describe('everything under one supervisor', () => {
  const lines: string[] = [];
  let home: string;
  let interrupt: () => void;
  let ended: Promise<void>;
  const status = async () => JSON.parse(await commandLine('status', '-o', 'json')) as Status;
  const pidsOf = ({ api, temporal, postgres, workers, agents }: Status) =>
    [api, temporal, postgres, ...workers, ...agents].map(({ pid }) => pid as number);

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'brikk-supervise-'));
    for (const name of ['BRIKK_PORT', 'BRIKK_TEMPORAL_PORT', 'BRIKK_TEMPORAL_UI_PORT', 'BRIKK_POSTGRES_PORT'])
      process.env[name] = String(await anyFreePort());
    Object.assign(process.env, { BRIKK_HOME: home, TEMPORAL_NAMESPACE: 'mine', TEMPORAL_TLS_SERVER_NAME: 'unused' });
    prepareHome(home);
    takeLock(home);
    const ready = new Promise<void>((onReady) => {
      const interrupted = new Promise<void>((resolve) => (interrupt = resolve));
      ended = supervise(readSettings(process.env), { interrupted, print: (line) => lines.push(line), onReady });
    });
    await Promise.race([ready, ended]);
  }, 120_000);
  afterAll(async () => {
    interrupt?.();
    await ended?.catch(() => undefined);
    rmSync(home, { recursive: true, force: true });
  }, 30_000);

  it('tells of each part when it is ready, and of the welcome run', () => {
    const told = lines.join('\n');
    for (const part of ['Postgres', 'Temporal', 'Tables', 'API', 'Worker', 'Sample agents'])
      expect(told).toMatch(new RegExp(`^  ${part} +\\d+\\.\\d s  \\S`, 'm'));
    expect(told).toMatch(/^\nBrikk is ready in \d+\.\d s$/m);
    expect(told).toMatch(/^Welcome: 5 incident reports, patterns within patterns, 44 agent calls, .* done\.$/m);
    expect(told).toMatch(/\/namespaces\/mine\/workflows\/org_/);
  });

  it('shows what runs, and no password', async () => {
    const table = await commandLine('status');
    expect(table).toMatch(/^ {2}API +http:\/\/127\.0\.0\.1:\d+ \(pid \d+\)$/m);
    expect(table).toMatch(/^ {2}Postgres +127\.0\.0\.1:\d+\/brikk \(pid \d+\)$/m);
    const { postgres } = await status();
    expect(postgres.url).toMatch(/^postgres:\/\/brikk_owner:\*\*\*@127\.0\.0\.1:\d+\/brikk$/);
    const { password } = new URL(ownerUrlOf(home) as string);
    expect(password).toHaveLength(32);
    for (const said of [
      table,
      await commandLine('status', '-o', 'json'),
      readFileSync(join(home, 'state.json'), 'utf8'),
    ])
      expect(said).not.toContain(password);
  });

  it('answers a second start with the table of the first', async () => {
    expect(await commandLine('up')).toMatch(/^Brikk is already running\n/);
    await expect(commandLine('up', '--fresh', '--yes')).rejects.toThrow(/^Brikk is running on .*: run "brikk down"/);
  });

  it('takes runs and shows them', async () => {
    const params = ['--with', '{"capability":"triage"}', '--input', '{"text":"Checkout is down"}'];
    const followed = await commandLine('run', 'agent', ...params, '--follow');
    const id = /^Run (\S+) accepted\./.exec(followed)?.[1] ?? '';
    expect(followed).toMatch(/^status {4}completed/m);
    expect(await commandLine('run', 'agent', ...params)).toMatch(/Follow it with: brikk runs trace /);
    expect(await commandLine('runs', 'list', '--pattern', 'agent', '--limit', '5')).toContain(id);
    expect(await commandLine('runs', 'get', id)).toMatch(/^run {7}\S+\npattern {3}agent\n/);
    expect(await commandLine('runs', 'trace', id)).toMatch(/run\.accepted[^]*run\.finished/);
    expect(await commandLine('runs', 'story', id)).toMatch(/^A run of the pattern agent\.\n[^]*\nIt completed/);
    await expect(commandLine('runs', 'cancel', id)).rejects.toThrow(/\(run\.finished\)/);
    expect(process.exitCode ?? 0).toBe(0);
  }, 30_000);

  it('shows the agents', async () => {
    const { items } = JSON.parse(await commandLine('agents', 'list', '-o', 'json')) as { items: { id: string }[] };
    expect(items).toHaveLength(18);
    expect(await commandLine('agents', 'get', items[0]?.id ?? '')).toMatch(/^CAPABILITY +CALLS/m);
    expect(await commandLine('agents', 'list')).toMatch(/^AGENT +VERSION/);
  });

  it('is healthy to the doctor', async () => {
    const findings = await commandLine('doctor');
    expect(findings).toMatch(/^ok {4}Port .* in use, Brikk is running/m);
    expect(findings).not.toMatch(/FAIL {2}(Port|Postgres|Temporal|Clock)/);
    process.exitCode = undefined; // The machine's disk is its own affair.
  });

  it('has tables that are up to date, and tells where the passwords are', async () => {
    process.env.DATABASE_URL = ownerUrlOf(home) as string;
    try {
      expect(await commandLine('migrate')).toContain(
        `up to date; the passwords of brikk_app and brikk_dispatch are in ${home}`,
      );
    } finally {
      delete process.env.DATABASE_URL;
    }
    await expect(commandLine('migrate')).rejects.toThrow(/^DATABASE_URL is not set/);
  }, 30_000);

  it('starts a part again when it dies, and says so', async () => {
    const { workers } = await status();
    process.kill(workers[0]?.pid as number, 'SIGKILL');
    await until(() => lines.some((line) => /worker 1 is back after \d+\.\d s/.test(line)));
    expect(lines).toContain('  worker 1 ended, starting it again in 0.2 s');
    const { workers: now } = await status();
    expect(isAlive(now[0]?.pid as number)).toBe(true);
  }, 40_000);

  it('stops every part when it is interrupted, and keeps the data', async () => {
    const pids = pidsOf(await status());
    interrupt();
    await ended;
    expect(lines.slice(-2)).toEqual(['\nStopping …', `Stopped. Your data is in ${home}.`]);
    for (const pid of pids) expect(await isGoneWithin(pid, 0)).toBe(true);
    expect(existsSync(join(home, 'state.json'))).toBe(false);
    await expect(commandLine('status')).rejects.toThrow(/is not running on .*: start it with "brikk up"/);
  }, 30_000);
});
