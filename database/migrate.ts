import 'reflect-metadata';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { APP_ROLE, DISPATCH_ROLE, ensureRole, joinRole, keepPasswords } from './database-roles.js';
import { nameFailure } from './failures.js';
import { ensurePartitions } from './partitions.js';
import { typeormOptions } from './typeorm-options.js';

export interface MigrateOptions {
  /** The owner of the tables. */
  ownerUrl: string;
  /** The data folder: passwords of the roles are kept there when their URLs are not given. */
  home?: string;
  appUrl?: string;
  dispatchUrl?: string;
}

/** One migration at a time, from however many processes start together. */
const MIGRATION_LOCK = 7_600_001;

/**
 * Brings the schema up to date, creates the roles and the partitions of the next months. Processes that start together
 * wait for each other; a repeat changes nothing. Answers with the URLs of both roles.
 */
export async function migrate(options: MigrateOptions): Promise<{ appUrl: string; dispatchUrl: string }> {
  const { ownerUrl } = options;
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'brikk-migrate' });
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const urls = await ensureRoles(client, options);
    const source = await new DataSource({ ...typeormOptions(ownerUrl), poolSize: 1 }).initialize();
    try {
      await source.runMigrations({ transaction: 'all' });
    } finally {
      await source.destroy();
    }
    await ensurePartitions(client);
    return urls;
  } catch (error) {
    throw nameFailure(error);
  } finally {
    await client.end(); // gives the lock back
  }
}

async function ensureRoles(
  client: pg.ClientBase,
  { ownerUrl, home, appUrl, dispatchUrl }: MigrateOptions,
): Promise<{ appUrl: string; dispatchUrl: string }> {
  if (appUrl !== undefined && dispatchUrl !== undefined) {
    await ensureGroup(client, appUrl, APP_ROLE);
    await ensureGroup(client, dispatchUrl, DISPATCH_ROLE);
    return { appUrl, dispatchUrl };
  }
  if (home === undefined)
    throw new Error('migrate needs either a data folder or both DATABASE_APP_URL and DATABASE_DISPATCH_URL');
  const passwords = keepPasswords(home);
  await ensureRole(client, APP_ROLE, passwords.app);
  await ensureRole(client, DISPATCH_ROLE, passwords.dispatch);
  return {
    appUrl: appUrl ?? urlOf(ownerUrl, APP_ROLE, passwords.app),
    dispatchUrl: dispatchUrl ?? urlOf(ownerUrl, DISPATCH_ROLE, passwords.dispatch),
  };
}

async function ensureGroup(client: pg.ClientBase, url: string, group: string): Promise<void> {
  if (decodeURIComponent(new URL(url).username) !== group) await ensureRole(client, group);
  await joinRole(client, url, group);
}

function urlOf(ownerUrl: string, role: string, password: string): string {
  const url = new URL(ownerUrl);
  url.username = role;
  url.password = password;
  return url.href;
}
