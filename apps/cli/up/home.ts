import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { explainFileError, UserError } from '../user-error.js';
import { removePostgresData } from './postgres-place.js';

const MARKER = 'brikk-home';
const MINIMUM_FREE_BYTES = 200 * 1024 * 1024;
const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

/** Makes the data folder, readable by this user alone, and checks that it can be written and has room. */
export function prepareHome(home: string): void {
  try {
    const isNew = !existsSync(home) || readdirSync(home).length === 0;
    makeFolder(join(home, 'logs'));
    if (isNew) writeFileSync(join(home, MARKER), 'Made by brikk up; `brikk up --fresh` empties this folder.\n');
    const probe = join(home, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw explainFileError(error, home);
  }
  if (freeBytes(home) < MINIMUM_FREE_BYTES)
    throw new UserError(
      `The disk of ${home} is full (less than 200 MB free): free some space, or choose another folder with BRIKK_HOME.`,
    );
}

/** Folder by folder: Node's recursive way never returns on file systems such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/** Free space for this user, in bytes. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Empties a data folder that `brikk up` made; refuses any other, so that a mistyped BRIKK_HOME costs nothing. */
export function wipeHome(home: string): void {
  if (!existsSync(home) || readdirSync(home).length === 0) return;
  if (!existsSync(join(home, MARKER)))
    throw new UserError(`${home} holds files and was not made by brikk up: empty it yourself, or correct BRIKK_HOME.`);
  try {
    removePostgresData(postgresFolder(home));
    // The marker goes last: an interrupted wipe can be repeated.
    for (const name of readdirSync(home)) if (name !== MARKER) rmSync(join(home, name), { recursive: true });
    rmSync(join(home, MARKER));
  } catch (error) {
    throw explainFileError(error, home);
  }
}

export function postgresFolder(home: string): string {
  return join(home, 'postgres');
}

/** The log of one part. A long one is set aside first, and one such file is kept. */
export function logFileOf(home: string, part: string): string {
  const path = join(home, 'logs', `${part}.log`);
  if (existsSync(path) && statSync(path).size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  return path;
}
