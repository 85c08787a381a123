import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres, type PostgresServer } from './postgres.js';
import { removePostgresData } from './postgres-place.js';
import { takesOverRoles, updateTables } from './tables.js';

describe('the tables in a Postgres that somebody else runs', () => {
  let folder: string;
  let server: PostgresServer;
  let count = 0;
  const home = () => join(folder, `home-${count}`);
  const urlOf = (role: string, database: string) => `postgres://${role}:${role}@127.0.0.1:${server.port}/${database}`;
  const admin = async (...statements: string[]) => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  /** A database of its own, whose owner is no superuser. */
  const owned = async (right: 'CREATEROLE' | 'NOCREATEROLE') => {
    count += 1;
    const name = `owner_${count}`;
    await admin(`CREATE ROLE ${name} LOGIN PASSWORD '${name}' ${right}`, `CREATE DATABASE ${name} OWNER ${name}`);
    return { name, ownerUrl: urlOf(name, name) };
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'brikk-tables-'));
    server = await startPostgres({ dataDir: join(folder, 'postgres') });
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    removePostgresData(join(folder, 'postgres'));
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    const databases = Array.from({ length: count }, (_, index) => `DROP DATABASE IF EXISTS owner_${index + 1}`);
    await admin(...databases, 'DROP ROLE IF EXISTS mine, brikk_app, brikk_dispatch');
  });

  it('are made by an owner who may create roles, and once more without a change', async () => {
    const { ownerUrl } = await owned('CREATEROLE');
    const { appUrl } = await updateTables({ ownerUrl }, home());
    expect(new URL(appUrl).username).toBe('brikk_app');
    await expect(updateTables({ ownerUrl }, home())).resolves.toMatchObject({ appUrl });
  }, 60_000);

  it('need roles of an administrator where the owner may not create any', async () => {
    const { name, ownerUrl } = await owned('NOCREATEROLE');
    await expect(updateTables({ ownerUrl }, home())).rejects.toThrow(
      new RegExp(`^The role ${name} of DATABASE_URL lacks a right .*CREATEROLE, or create brikk_app and .*_URL\\.$`),
    );
    await admin(`CREATE ROLE brikk_app LOGIN PASSWORD 'brikk_app'`);
    await admin(`CREATE ROLE brikk_dispatch LOGIN PASSWORD 'brikk_dispatch'`);
    const given = { appUrl: urlOf('brikk_app', name), dispatchUrl: urlOf('brikk_dispatch', name) };
    await expect(updateTables({ ownerUrl, ...given }, home())).resolves.toEqual(given);
  }, 60_000);

  it('take a role of another name once it was granted the rights', async () => {
    const { name, ownerUrl } = await owned('NOCREATEROLE');
    await admin(`CREATE ROLE mine LOGIN PASSWORD 'mine'`, 'CREATE ROLE brikk_app', 'CREATE ROLE brikk_dispatch');
    const urls = { ownerUrl, appUrl: urlOf('mine', name), dispatchUrl: urlOf('mine', name) };
    await expect(updateTables(urls, home())).rejects.toThrow(/grant them to the roles of DATABASE_APP_URL/);
    await admin('GRANT brikk_app, brikk_dispatch TO mine');
    await expect(updateTables(urls, home())).resolves.toMatchObject({ appUrl: urls.appUrl });
  }, 60_000);

  it('need an owner of the database, and URLs that work', async () => {
    const { name, ownerUrl } = await owned('CREATEROLE');
    const { ownerUrl: stranger } = await owned('CREATEROLE');
    const elsewhere = new URL(stranger);
    elsewhere.pathname = name;
    await expect(updateTables({ ownerUrl: elsewhere.href }, home())).rejects.toThrow(
      /make it the owner of the database/,
    );
    await admin('DROP ROLE IF EXISTS brikk_app, brikk_dispatch');
    const { appUrl, dispatchUrl } = await updateTables({ ownerUrl }, home());
    const wrong = new URL(dispatchUrl);
    wrong.password = 'guess';
    await expect(updateTables({ ownerUrl, appUrl, dispatchUrl: wrong.href }, home())).rejects.toThrow(
      /^The Postgres of DATABASE_DISPATCH_URL cannot be used \(password authentication failed/,
    );
  }, 60_000);

  it('tell when their roles belong to another Brikk on the same server', async () => {
    const { ownerUrl } = await owned('CREATEROLE');
    expect(await takesOverRoles({ ownerUrl }, home())).toBe(false);
    const { appUrl } = await updateTables({ ownerUrl }, home());
    expect(await takesOverRoles({ ownerUrl }, home())).toBe(false);
    expect(await takesOverRoles({ ownerUrl }, join(folder, 'other'))).toBe(true);
    expect(await takesOverRoles({ ownerUrl, appUrl }, join(folder, 'other'))).toBe(false);
  }, 60_000);
});
