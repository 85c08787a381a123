import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { errorCode, UserError } from '../user-error.js';
import { checkDatabase } from './check-database.js';

export interface DatabaseUrls {
  /** The owner of the tables; its rights are needed for migrations only. */
  ownerUrl: string;
  /** Of the role that the product works as. Without both, two roles are made and their passwords kept in the data folder. */
  appUrl?: string;
  dispatchUrl?: string;
}

const INSUFFICIENT_PRIVILEGE = '42501';
const ROLES = ['brikk_app', 'brikk_dispatch'] as const;

/**
 * Brings the tables and roles up to date and returns the URLs of both roles. Fails with a `UserError` that says what to
 * do when the owner lacks a right or a given URL does not work.
 */
export async function updateTables(urls: DatabaseUrls, home: string): Promise<{ appUrl: string; dispatchUrl: string }> {
  const { migrate } = await import('../../../database/migrate.js');
  const ready = await migrate({ ...urls, home }).catch((error: unknown) => {
    throw explainRights(error, urls);
  });
  if (urls.appUrl) await checkDatabase(urls.appUrl, 'DATABASE_APP_URL');
  if (urls.dispatchUrl) await checkDatabase(urls.dispatchUrl, 'DATABASE_DISPATCH_URL');
  return ready;
}

/**
 * Whether an update would give the roles new passwords although some other Brikk knows the present ones: roles belong to
 * the whole server, not to one database.
 */
export async function takesOverRoles({ ownerUrl, appUrl }: DatabaseUrls, home: string): Promise<boolean> {
  if (appUrl !== undefined || !(await answers(ownerUrl, ROLES))) return false;
  const { app = '' } = readPasswords(home);
  const url = new URL(ownerUrl);
  url.username = 'brikk_app';
  url.password = app;
  return !(await answers(url.href, ROLES));
}

/** Whether this URL logs in and the server has any of these roles. */
async function answers(url: string, roles: readonly string[]): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = ANY ($1)', [roles]);
    return rowCount !== 0;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function readPasswords(home: string): { app?: string } {
  const path = join(home, 'db.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { app?: string }) : {};
}

function explainRights(error: unknown, { ownerUrl, appUrl }: DatabaseUrls): unknown {
  if (!(error instanceof Error) || errorCode(error) !== INSUFFICIENT_PRIVILEGE) return error;
  const owner = decodeURIComponent(new URL(ownerUrl).username);
  const refusal = `The role ${owner} of DATABASE_URL lacks a right (${error.message})`;
  if (/ for (schema|database|table|relation|function)|must be owner/.test(error.message))
    return new UserError(`${refusal}: make it the owner of the database and of Brikk's tables.`, { cause: error });
  const roles = ROLES.join(' and ');
  const otherWay = appUrl
    ? `create ${roles} and grant them to the roles of DATABASE_APP_URL and DATABASE_DISPATCH_URL`
    : `create ${roles} yourself and set DATABASE_APP_URL and DATABASE_DISPATCH_URL`;
  return new UserError(`${refusal}: give it CREATEROLE, or ${otherWay}.`, { cause: error });
}
