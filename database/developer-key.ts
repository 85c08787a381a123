import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BrikkError } from '../contracts/errors.js';
import { authenticate, createApiKey } from './api-keys.repository.js';
import { Database } from './database.js';
import { ensureDefaultOrganisation } from './organisations.repository.js';

export type DeveloperKeyOptions = { home: string } & ({ database: Database } | { appUrl: string });

/**
 * The key of whoever owns the data folder: owner of the organisation `default`, kept in `dev-key` (0600). It is made
 * again when the file or its row is missing. For development only.
 */
export async function ensureDeveloperKey(options: DeveloperKeyOptions): Promise<{ key: string; orgId: string }> {
  if ('database' in options) return ensureKey(options.database, options.home);
  const database = await Database.open({ appUrl: options.appUrl, poolSize: 1 });
  try {
    return await ensureKey(database, options.home);
  } finally {
    await database.close();
  }
}

async function ensureKey(database: Database, home: string): Promise<{ key: string; orgId: string }> {
  const orgId = await ensureDefaultOrganisation(database);
  const path = join(home, 'dev-key');
  const kept = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  if (kept !== '' && (await isValid(database, kept))) return { key: kept, orgId };
  const { key } = await database.inOrg(orgId, (tx) =>
    createApiKey(tx, { orgId, name: 'developer', role: 'owner', scopes: ['platform:admin'], env: 'dev' }),
  );
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, `${key}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return { key, orgId };
}

async function isValid(database: Database, key: string): Promise<boolean> {
  try {
    await authenticate(database, key);
    return true;
  } catch (error) {
    if (error instanceof BrikkError && (error.code === 'auth.invalid' || error.code === 'auth.expired')) return false;
    throw error;
  }
}
