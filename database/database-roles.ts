import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

export const APP_ROLE = 'brikk_app';
export const DISPATCH_ROLE = 'brikk_dispatch';

const ALREADY_THERE = new Set(['42710', '23505']);

interface Passwords {
  app: string;
  dispatch: string;
}

/** The passwords of both roles in `db.json` of the data folder, made on first use and readable by this user alone. */
export function keepPasswords(home: string): Passwords {
  const path = join(home, 'db.json');
  if (existsSync(path)) return readPasswords(path);
  const made = { app: randomBytes(24).toString('base64url'), dispatch: randomBytes(24).toString('base64url') };
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(made), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return made;
}

function readPasswords(path: string): Passwords {
  const { app, dispatch } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Passwords>;
  if (!app || !dispatch)
    throw new Error(`${path} lacks the passwords of the database roles: delete it and start again.`);
  return { app, dispatch };
}

/** The group or login role exists afterwards; with a password it can log in by it. Roles are shared by all databases. */
export async function ensureRole(client: pg.ClientBase, role: string, password?: string): Promise<void> {
  const login = password === undefined ? '' : `LOGIN PASSWORD ${pg.escapeLiteral(password)}`;
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) {
    try {
      await client.query(`CREATE ROLE ${pg.escapeIdentifier(role)} NOSUPERUSER NOBYPASSRLS ${login}`);
      return;
    } catch (error) {
      if (!ALREADY_THERE.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
  if (password !== undefined) await client.query(`ALTER ROLE ${pg.escapeIdentifier(role)} ${login}`);
}

/** A role of the operator's own gets the rights of `group`. */
export async function joinRole(client: pg.ClientBase, url: string, group: string): Promise<void> {
  const { username, password } = new URL(url);
  const role = decodeURIComponent(username);
  if (role === '') throw new Error('DATABASE_APP_URL and DATABASE_DISPATCH_URL must name a role');
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) await ensureRole(client, role, decodeURIComponent(password));
  if (role === group) return;
  // An operator may have granted it already, and the owner not be allowed to.
  const granted = `SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(oid, $2, 'MEMBER')`;
  if ((await client.query(granted, [role, group])).rowCount !== 0) return;
  await client.query(`GRANT ${group} TO ${pg.escapeIdentifier(role)}`);
}
