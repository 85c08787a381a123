import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from '../../../test/support/command-line.js';
import { anyFreePort } from './free-port.js';
import { findSupervisor } from './supervisor-lock.js';

describe('brikk up --detach', () => {
  let folder: string;
  let home: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'brikk-detach-'));
    home = join(folder, 'home');
    for (const name of ['BRIKK_PORT', 'BRIKK_TEMPORAL_PORT', 'BRIKK_TEMPORAL_UI_PORT', 'BRIKK_POSTGRES_PORT'])
      process.env[name] = String(await anyFreePort());
    process.env.BRIKK_HOME = home;
    delete process.env.DATABASE_URL;
  });
  afterEach(async () => {
    await commandLine('down');
    rmSync(folder, { recursive: true, force: true });
  });

  it('returns when everything is ready; `brikk down` stops it, and --fresh starts anew', async () => {
    expect(await commandLine('up', '--detach', '--no-samples')).toMatch(/\nBrikk is ready in /);
    expect(await commandLine('up', '--detach')).toMatch(/^Brikk is already running\n/);
    expect(await commandLine('down')).toBe('Stopped\n');
    expect(findSupervisor(home)).toBeUndefined();
    expect(await commandLine('down')).toBe(`Nothing is running on ${home}\n`);

    await expect(commandLine('up', '--fresh')).rejects.toThrow(/^--fresh empties .*: without a terminal add --yes\.$/);
    process.env.DATABASE_URL = 'postgres://nobody:secret@127.0.0.1:1/none';
    await expect(commandLine('up', '--detach', '--fresh', '--yes')).rejects.toThrow(
      /^The Postgres of DATABASE_URL cannot/,
    );
    expect(existsSync(join(home, 'postgres'))).toBe(false);
    expect(findSupervisor(home)).toBeUndefined();
  }, 120_000);

  it('is refused in one sentence where no data folder can be', async () => {
    writeFileSync(home, '');
    await expect(commandLine('up', '--detach')).rejects.toThrow(
      /^Cannot write to .*file.*, or choose .* BRIKK_HOME\.$/,
    );
    process.env.BRIKK_HOME = join(home, 'below');
    await expect(commandLine('up')).rejects.toThrow(/a part of the path is a file, not a folder; move the file/);
    process.env.BRIKK_HOME = join(folder, 'other');
    mkdirSync(process.env.BRIKK_HOME);
    writeFileSync(join(process.env.BRIKK_HOME, 'thesis.txt'), '');
    await expect(commandLine('up', '--fresh', '--yes')).rejects.toThrow(/was not made by brikk up/);
  });
});
