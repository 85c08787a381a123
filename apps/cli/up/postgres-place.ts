import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../user-error.js';

/** How Postgres is run: it refuses root, so root needs another identity for it. */
export type Identity = 'self' | 'namespace' | 'nobody';

/** Where the binaries and the cluster are, and how a program there is started. */
export interface PostgresPlace {
  identity: Identity;
  native: string;
  cluster: string;
  /** Goes before the program's name. */
  prefix: readonly string[];
  owner?: { uid: number; gid: number };
}

/** Root keeps its data where namespaces are allowed; elsewhere binaries and data go to a folder that `nobody` may enter. */
export function chooseIdentity(): Identity {
  if (process.getuid?.() !== 0) return 'self';
  return namespacesAllowed() ? 'namespace' : 'nobody';
}

/** Makes the folders, and for `nobody` the copy of the binaries. */
export function preparePlace(dataDir: string, native: string, identity: Identity): PostgresPlace {
  const cluster = join(dataDir, 'cluster');
  switch (identity) {
    case 'self':
      return { identity, native, cluster, prefix: [] };
    case 'namespace':
      return { identity, native, cluster, prefix: namespacePrefix() };
    case 'nobody':
      return prepareNobody(dataDir, native);
  }
}

/** Where the `nobody` path keeps the cluster of this data folder: one that every user may reach. */
export function nobodyFolder(dataDir: string): string {
  return `/var/tmp/brikk-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16)}`;
}

/** Removes everything that `startPostgres` keeps for this data folder. The server must be stopped. */
export function removePostgresData(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true });
  if (process.getuid?.() === 0) rmSync(nobodyFolder(dataDir), { recursive: true, force: true });
}

function prepareNobody(dataDir: string, native: string): PostgresPlace {
  const owner = passwdEntry((entry) => entry.name === 'nobody');
  if (!owner) throw new UserError('Postgres refuses root and there is no user "nobody": run as an ordinary user.');
  const folder = nobodyFolder(dataDir);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  // The name can be guessed: a folder that someone else made first is not ours to trust.
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== 0)
    throw new UserError(`${folder} belongs to somebody else: remove it, or run as an ordinary user.`);
  const copy = join(folder, 'native');
  if (!existsSync(join(copy, 'bin', 'postgres'))) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(native, `${copy}.new`, { recursive: true, verbatimSymlinks: true });
    execFileSync('mv', [`${copy}.new`, copy]);
  }
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  chownSync(data, owner.uid, owner.gid);
  return { identity: 'nobody', native: copy, cluster: join(data, 'cluster'), prefix: [], owner };
}

/** initdb looks its user up, so the number must be one that the system has a name for. */
function namespacePrefix(): readonly string[] {
  const entry = passwdEntry(({ uid }) => uid !== 0);
  const uid = entry?.uid ?? 1000;
  const gid = entry?.gid ?? 1000;
  return ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`];
}

function namespacesAllowed(): boolean {
  const [program, ...args] = namespacePrefix();
  try {
    execFileSync(program as string, [...args, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
}

function passwdEntry(wanted: (entry: PasswdEntry) => boolean): PasswdEntry | undefined {
  if (!existsSync('/etc/passwd')) return undefined;
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .find(wanted);
}
