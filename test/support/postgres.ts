import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { Database } from '../../database/database.js';

export interface TestDatabase {
  database: Database;
  /** A superuser's: it sees past every policy. */
  ownerUrl: string;
  appUrl: string;
  dispatchUrl: string;
  /** Drops the database. */
  close(): Promise<void>;
}

/** Of the jest run, as its global setup started it; the owner's. */
const { BRIKK_TEST_DATABASE_URL: server = '', BRIKK_TEST_DATABASE_PASSWORD: password = '' } = process.env;

/** A fresh copy of the jest run's migrated database. Close it in `afterAll`. */
export async function withDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const create = `CREATE DATABASE ${name} TEMPLATE ${process.env.BRIKK_TEST_DATABASE_TEMPLATE}`;
  await asOwner(server, (client) => client.query(create));
  const ownerUrl = urlOf(name);
  const appUrl = urlOf(name, 'brikk_app');
  const dispatchUrl = urlOf(name, 'brikk_dispatch');
  const database = await Database.open({ appUrl, dispatchUrl });
  return {
    database,
    ownerUrl,
    appUrl,
    dispatchUrl,
    close: async () => {
      await database.close();
      await asOwner(server, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
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

function urlOf(name: string, role?: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  if (role !== undefined) [url.username, url.password] = [role, password];
  return url.href;
}
