import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, explainFileError } from '../user-error.js';
import { identify, stillRuns, type ProcessIdentity } from './process-identity.js';

const LOCK = 'supervisor.json';

/** The live `brikk up` of this home, if there is one. */
export function findSupervisor(home: string): ProcessIdentity | undefined {
  const holder = readLock(join(home, LOCK));
  return holder && stillRuns(holder) ? holder : undefined;
}

/**
 * Makes this process the home's supervisor. Returns undefined on success and the live holder otherwise; the lock of
 * a dead one is taken over. The lock appears by a hard link, so of two starts at once exactly one gets it.
 */
export function takeLock(home: string): ProcessIdentity | undefined {
  const path = join(home, LOCK);
  const mine = `${path}.${process.pid}`;
  try {
    writeFileSync(mine, JSON.stringify(identify(process.pid)), { mode: 0o600 });
    for (;;) {
      if (tryLink(mine, path)) return undefined;
      const holder = readLock(path);
      if (holder && stillRuns(holder)) return holder;
      setStaleAside(path, holder);
    }
  } catch (error) {
    throw explainFileError(error, home);
  } finally {
    rmSync(mine, { force: true });
  }
}

export function releaseLock(home: string): void {
  const path = join(home, LOCK);
  if (readLock(path)?.pid === process.pid) rmSync(path, { force: true });
}

/** Moves a dead holder's lock away. Another start may have replaced it meanwhile: then it is put back. */
function setStaleAside(path: string, seen: ProcessIdentity | undefined): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (readLock(aside)?.startedAt !== seen?.startedAt) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function readLock(path: string): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isIdentity(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return typeof value === 'object' && value !== null && 'pid' in value && 'startedAt' in value;
}
