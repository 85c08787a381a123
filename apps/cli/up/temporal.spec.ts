import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './find-temporal.js';
import { anyFreePort } from './free-port.js';
import { findTemporal, isTemporalReady, startTemporal, type TemporalServer } from './temporal.js';
import { readTemporalDev, serverArguments } from './temporal-dev.js';
import { downloadUrl } from './temporal-download.js';
import { isAtLeast, parseServerVersion } from './temporal-version.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brikk-temporal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the version of a Temporal binary', () => {
  it('is that of its server, whatever the CLI calls itself', () => {
    expect(parseServerVersion('temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)')).toBe('1.29.1');
    expect(parseServerVersion('temporal version 1.5.1')).toBeUndefined();
  });

  it.each([
    ['1.29.0', '1.29.0', true],
    ['1.30.0', '1.29.1', true],
    ['1.9.9', '1.29.0', false],
    ['2.0', '1.29.0', true],
    ['1.28.9', '1.29', false],
  ])('%s is enough for %s: %s', (version, minimum, enough) => {
    expect(isAtLeast(version, minimum)).toBe(enough);
  });
});

describe('finding Temporal', () => {
  const fake = (name: string, server: string) => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\necho "temporal version 0.0.0-DEV (Server ${server}, UI 2.42.1)"\n`);
    chmodSync(path, 0o755);
    return path;
  };

  it('takes the binary that TEMPORAL_CLI_PATH names', async () => {
    const path = fake('mine', '1.31.0');
    const found = await findTemporal(() => undefined, { TEMPORAL_CLI_PATH: path });
    expect(found).toEqual({ path, serverVersion: '1.31.0', source: 'TEMPORAL_CLI_PATH' });
  });

  it('refuses a TEMPORAL_CLI_PATH that is too old or no program', async () => {
    const old = fake('old', '1.20.0');
    await expect(findTemporal(() => undefined, { TEMPORAL_CLI_PATH: old })).rejects.toThrow(/1\.20\.0.*1\.29\.0/);
    const missing = join(folder, 'missing');
    await expect(findTemporal(() => undefined, { TEMPORAL_CLI_PATH: missing })).rejects.toThrow(/correct or unset/);
  });

  it('takes `temporal` on PATH when its server is new enough', async () => {
    const path = fake('temporal', '1.29.1');
    const found = await findTemporal(() => undefined, { PATH: folder, XDG_CACHE_HOME: folder });
    expect(found).toEqual({ path, serverVersion: '1.29.1', source: 'PATH' });
  });

  it('keeps its cache where the user wants it', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/cache' })).toBe('/cache/brikk');
  });

  it('asks the official site for the archive of this machine', () => {
    expect(downloadUrl('1.5.1', 'linux', 'x64')).toBe(
      'https://temporal.download/cli/archive/v1.5.1?platform=linux&arch=amd64',
    );
  });
});

describe('the arguments of the development server', () => {
  it('hold every setting of temporal-dev.yml, one flag each', () => {
    const dev = readTemporalDev();
    const args = serverArguments(dev, { dbFile: 'file.db', port: 1, httpPort: 2 });
    expect(args).toContain('--headless');
    expect(args).toContain('journal_mode=WAL');
    expect(args).toContain('BrikkOrg=Keyword');
    expect(args).toContain('history.timerProcessorMaxTimeShift="10ms"');
    expect(args.filter((argument) => argument === '--dynamic-config-value')).toHaveLength(
      Object.keys(dev.dynamicConfig).length,
    );
  });

  it('give up durability only for a database that need not last', () => {
    const ports = { dbFile: 'file.db', port: 1, httpPort: 2, uiPort: 3 };
    expect(serverArguments(readTemporalDev(), ports)).toContain('synchronous=NORMAL');
    expect(serverArguments(readTemporalDev(), { ...ports, ephemeral: true })).toContain('synchronous=OFF');
  });
});

describe('the development server', () => {
  let server: TemporalServer | undefined;
  afterEach(async () => server?.stop());

  it('answers for the namespace, keeps its file over a kill, and steps aside when a port is taken', async () => {
    const { path: binary } = await findTemporal(() => undefined);
    const { namespace } = readTemporalDev();
    const dbFile = join(folder, 'temporal.db');
    server = await startTemporal({ binary, dbFile, ephemeral: true });
    const connection = await Connection.connect({ address: server.address });
    const client = new Client({ connection, namespace });
    await client.workflow.start('anything', { taskQueue: 'nobody', workflowId: 'kept' });
    await connection.close();
    process.kill(server.pid, 'SIGKILL');
    await server.exited;

    const blocker = createServer();
    const taken = await anyFreePort();
    await new Promise<void>((resolve) => blocker.listen(taken, '127.0.0.1', resolve));
    const notes: string[] = [];
    server = await startTemporal({ binary, dbFile, port: taken, ephemeral: true, log: (line) => notes.push(line) });
    blocker.close();
    expect(notes).toEqual([`Temporal port ${taken} is taken, using ${server.port}`]);
    const again = await Connection.connect({ address: server.address });
    const described = await new Client({ connection: again, namespace }).workflow.getHandle('kept').describe();
    expect(described.status.name).toBe('RUNNING');
    await again.close();
    await server.stop();
    expect(await isTemporalReady(server.address, namespace)).toBe(false);
  }, 60_000);
});
