import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../apps/cli/up/postgres.js';
import { Database } from '../../database/database.js';
import { migrate } from '../../database/migrate.js';

export interface TestDatabase {
  database: Database;
  /** A superuser's: it sees past every policy. */
  ownerUrl: string;
  appUrl: string;
  dispatchUrl: string;
  /** Drops the database, and ends the server if it was started for it. */
  close(): Promise<void>;
}

/** Roles are shared by all databases of the server, so that all specs use one password. */
const PASSWORD = 'brikk-test';

/**
 * A fresh, migrated database on the jest run's Postgres (`BRIKK_TEST_DATABASE_URL`, the owner's), or on a server of its
 * own when there is none. Close it in `afterAll`.
 */
export async function withDatabase(): Promise<TestDatabase> {
  const server = await findServer();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asOwner(server.url, (client) => client.query(`CREATE DATABASE ${name}`));
  const ownerUrl = urlOf(server.url, name);
  const appUrl = urlOf(server.url, name, 'brikk_app');
  const dispatchUrl = urlOf(server.url, name, 'brikk_dispatch');
  await migrate({ ownerUrl, appUrl, dispatchUrl });
  const database = await Database.open({ appUrl, dispatchUrl });
  return {
    database,
    ownerUrl,
    appUrl,
    dispatchUrl,
    close: async () => {
      await database.close();
      await asOwner(server.url, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
      await server.stop();
    },
  };
}

/** Runs as the superuser of a URL, past every policy. */
export async function asOwner<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The tables in which one of these texts is found anywhere. */
export async function tablesWith(ownerUrl: string, texts: string[]): Promise<string[]> {
  return asOwner(ownerUrl, async (owner) => {
    const { rows } = await owner.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    );
    const hits = [];
    for (const { name } of rows) {
      const found = await owner.query(`SELECT FROM "${name}" t WHERE t::text LIKE ANY ($1)`, [
        texts.map((text) => `%${text}%`),
      ]);
      if (found.rowCount) hits.push(name);
    }
    return hits;
  });
}

async function findServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const url = process.env.BRIKK_TEST_DATABASE_URL;
  if (url) return { url, stop: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), 'brikk-postgres-'));
  const server = await startPostgres({ dataDir: folder });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function urlOf(serverUrl: string, name: string, role?: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  if (role !== undefined) [url.username, url.password] = [role, PASSWORD];
  return url.href;
}
