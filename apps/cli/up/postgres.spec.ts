import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres, type PostgresServer } from './postgres.js';
import { chooseIdentity, removePostgresData, type Identity } from './postgres-place.js';
import { isGoneWithin } from './stop-process.js';

const isRoot = process.getuid?.() === 0;
const identities = [...new Set<Identity>(isRoot ? [chooseIdentity(), 'nobody'] : ['self'])];

describe.each(identities)('embedded Postgres as %s', (identity) => {
  let dataDir: string;
  const running: PostgresServer[] = [];
  const start = async () => {
    const server = await startPostgres({ dataDir, identity });
    running.push(server);
    return server;
  };

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'brikk-postgres-'));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
    removePostgresData(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('keeps what was committed when it is killed, and comes back on the same port', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept (word text)');
    await query(first.url, "INSERT INTO kept VALUES ('still here')");
    process.kill(first.pid, 'SIGKILL');
    await first.exited;

    const second = await start();
    expect(second.port).toBe(first.port);
    expect(await query(second.url, 'SELECT word FROM kept')).toEqual([{ word: 'still here' }]);
  }, 60_000);

  it('attaches to the live server of the same folder', async () => {
    const first = await start();
    const second = await start();
    expect(second.pid).toBe(first.pid);
    await second.stop();
    expect(await isGoneWithin(first.pid, 0)).toBe(true);
  }, 60_000);

  it('asks for a password and stores text as UTF-8 sorted by code point', async () => {
    const { url } = await start();
    const stranger = new URL(url);
    stranger.password = 'guess';
    await expect(query(stranger.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    expect(statSync(join(dataDir, 'password')).mode & 0o077).toBe(0);
    const sql =
      'SELECT pg_encoding_to_char(encoding) AS encoding, datcollate FROM pg_database WHERE datname = current_database()';
    expect(await query(url, sql)).toEqual([{ encoding: 'UTF8', datcollate: 'C.UTF-8' }]);
  }, 60_000);
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // The server is killed under it on purpose.
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
