import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { environment } from '../environment.js';
import { UserError } from '../user-error.js';
import { explainPostgres } from './postgres-failure.js';
import type { PostgresPlace } from './postgres-place.js';

/** The first role, a superuser: migrations run as it, the application never does. */
export const OWNER = 'brikk_owner';

/** The owner's password, made on first use and readable by this user alone. */
export function keepPassword(dataDir: string, cluster: string): string {
  const path = join(dataDir, 'password');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  if (existsSync(cluster))
    throw new UserError(`${path} is missing, so nobody can log in to this Postgres: restore it or start with --fresh.`);
  const password = randomBytes(24).toString('base64url');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(path, password, { mode: 0o600 });
  return password;
}

/** Creates the cluster unless it is there. Made under another name first: half a cluster never counts as one. */
export async function makeCluster(place: PostgresPlace, password: string, logFile: string): Promise<void> {
  if (existsSync(place.cluster)) return;
  const unfinished = `${place.cluster}.new`;
  const passwordFile = `${place.cluster}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (place.owner) chownSync(passwordFile, place.owner.uid, place.owner.gid);
  const initdb = join(place.native, 'bin', 'initdb');
  const args = [
    `--pgdata=${unfinished}`,
    `--username=${OWNER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-instructions',
  ];
  const [program = initdb, ...rest] = [...place.prefix, initdb, ...args];
  try {
    await promisify(execFile)(program, rest, {
      cwd: dirname(place.cluster),
      env: postgresEnvironment(),
      ...place.owner,
    });
    renameSync(unfinished, place.cluster);
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    writeFileSync(logFile, output, { flag: 'a', mode: 0o600 });
    rmSync(unfinished, { recursive: true, force: true });
    throw explainPostgres(output, logFile);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Only what the server needs: PG* variables of the person's shell must not reach it. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  return { PATH: environment['PATH'], HOME: '/', LC_ALL: 'C', TZ: 'UTC' };
}
