import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from './stop-process.js';

/** What a Postgres server writes into `postmaster.pid` (PostgreSQL sources, `src/include/utils/pidfile.h`). */
export interface Postmaster {
  pid: number;
  port: number;
  /** `starting`, `stopping`, `ready` or `standby`; empty while the server writes its first lines. */
  status: string;
}

export function parsePostmasterFile(text: string): Postmaster | undefined {
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid === 0) return undefined;
  return { pid: Math.abs(pid), port: Number(lines[3] ?? 0), status: (lines[7] ?? '').trim() };
}

/** The server that owns this cluster now; a file left by a dead one gives undefined. */
export function readPostmaster(cluster: string): Postmaster | undefined {
  const path = join(cluster, 'postmaster.pid');
  if (!existsSync(path)) return undefined;
  const postmaster = parsePostmasterFile(readFileSync(path, 'utf8'));
  return postmaster && isAlive(postmaster.pid) && isPostgres(postmaster.pid) ? postmaster : undefined;
}

/**
 * Removes the file of a dead server whose pid was given to another program since: Postgres itself would refuse to
 * start, because it only asks whether some process has that pid.
 */
export async function removeStalePostmasterFile(cluster: string): Promise<void> {
  if (!readPostmaster(cluster)) await rm(join(cluster, 'postmaster.pid'), { force: true });
}

function isPostgres(pid: number): boolean {
  const path = `/proc/${pid}/comm`;
  return existsSync(path) ? readFileSync(path, 'utf8').trim() === 'postgres' : process.platform !== 'linux';
}
