import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkAll, checkDisk, checkNode, compareClocks } from './doctor.js';
import { renderCheck } from './doctor.command.js';
import { anyFreePort } from './free-port.js';
import { readSettings } from './settings.js';

describe('brikk doctor', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'brikk-doctor-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['20.9.0', '20.10.0', false],
    ['20.10.0', '20.10.0', true],
    ['24.0.0', '20.10.0', true],
  ])('judges Node %s where %s is needed: %s', (version, needed, isFine) => {
    expect(checkNode(version, needed)).toMatchObject({ isFine });
  });

  it('wants a gigabyte of disk, and clocks that differ by two seconds at most', () => {
    expect(checkDisk('/data', 1024 ** 3)).toMatchObject({ isFine: true, finding: '1.0 GB free for /data' });
    expect(checkDisk('/data', 1024 ** 3 - 1)).toMatchObject({ isFine: false });
    expect(compareClocks(10_000, 12_000)).toMatchObject({ isFine: true });
    expect(compareClocks(12_001, 10_000)).toMatchObject({ isFine: false, finding: '2.0 s away from Postgres' });
  });

  it('prints how to put right what fails, and nothing more where all is well', () => {
    const disk = checkDisk('/data', 0);
    expect(renderCheck(disk).split('\n')).toEqual([
      'FAIL  Disk      0.0 GB free for /data',
      '      fix: free at least 1 GB, or choose another folder with BRIKK_HOME',
    ]);
    expect(renderCheck({ ...disk, isFine: true })).not.toMatch(/fix/);
  });

  it('finds a taken port and servers that do not answer, and makes no data folder', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const [closed, free] = [await anyFreePort(), await anyFreePort()];
    const environment = {
      BRIKK_HOME: join(folder, 'deep', 'home'),
      BRIKK_PORT: String(port),
      BRIKK_TEMPORAL_PORT: String(free),
      DATABASE_URL: `postgres://brikk:secret@127.0.0.1:${closed}/brikk`,
      TEMPORAL_ADDRESS: `127.0.0.1:${closed}`,
    };
    const checks = await checkAll(readSettings(environment), environment);
    taken.close();
    const lines = checks.map(renderCheck).join('\n');
    expect(lines).toMatch(/^ok {4}Node /m);
    expect(lines).toContain(`FAIL  Port      ${port} is taken (BRIKK_PORT)\n      fix: free it or set BRIKK_PORT`);
    expect(lines).not.toContain('BRIKK_TEMPORAL_PORT');
    const embedded = await checkAll(
      readSettings({ ...environment, DATABASE_URL: '', TEMPORAL_ADDRESS: '' }),
      environment,
    );
    expect(embedded.map(renderCheck)).toContain(`ok    Port      ${free} is free (BRIKK_TEMPORAL_PORT)`);
    expect(lines).toMatch(/^FAIL {2}Postgres .*\n {6}fix: .*DATABASE_URL/m);
    expect(lines).toMatch(/^FAIL {2}Temporal .* does not answer for namespace brikk\n {6}fix: /m);
    expect(lines).not.toContain('secret');
    expect(existsSync(join(folder, 'deep'))).toBe(false);
  }, 30_000);

  it('finds the embedded Postgres and where Temporal comes from', async () => {
    const environment = { BRIKK_HOME: folder, PATH: process.env['PATH'], HOME: process.env['HOME'] };
    const checks = await checkAll(readSettings(environment), environment);
    expect(checks.find(({ name }) => name === 'Postgres')).toMatchObject({ isFine: true });
    expect(checks.find(({ name }) => name === 'Temporal')?.finding).toMatch(/^server \d|^no binary yet/);
    expect(checks.find(({ name }) => name === 'Clock')).toMatchObject({ isFine: true });
  }, 60_000);
});
