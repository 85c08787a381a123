import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { explainFileError, UserError } from '../user-error.js';
import { anyFreePort, freePortFrom, isPortFree } from './free-port.js';
import { startGuarded } from './guarded-process.js';
import { findPostgresBinaries } from './postgres-binaries.js';
import { keepPassword, makeCluster, OWNER, postgresEnvironment } from './postgres-cluster.js';
import { explainPostgres, readLogFrom } from './postgres-failure.js';
import { chooseIdentity, preparePlace, type Identity, type PostgresPlace } from './postgres-place.js';
import { readPostmaster, removeStalePostmasterFile } from './postmaster-file.js';
import { isAlive, isGoneWithin, stopProcess } from './stop-process.js';

const START_DEADLINE_MS = 60_000; // Recovery after a crash replays the log first.
const STOP_STEPS = [
  { signal: 'SIGINT', waitMs: 6_000 }, // fast: open transactions are rolled back
  { signal: 'SIGQUIT', waitMs: 2_000 }, // immediate: the next start recovers from the log
  { signal: 'SIGKILL', waitMs: 2_000 },
] as const;

export interface PostgresOptions {
  /** Holds the cluster, the password and the port. Made when missing. */
  dataDir: string;
  /** The port to try first; otherwise the one used last time, otherwise any free one. */
  port?: number;
  /** Receives notes for a person, one line each. */
  log?: (line: string) => void;
  /** Default: `postgres.log` in the data folder. */
  logFile?: string;
  identity?: Identity;
}

export interface PostgresServer {
  /** Owner's URL of the database `brikk`, with the password: for migrations only. */
  url: string;
  port: number;
  pid: number;
  exited: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the embedded Postgres on 127.0.0.1, or attaches to the live server of this data folder. After a crash it
 * recovers. The server ends with this process, whatever ends it. Fails with a `UserError` that says what to do.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { dataDir } = options;
  const native = await findPostgresBinaries();
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const place = preparePlace(dataDir, native, options.identity ?? chooseIdentity());
    const logFile = options.logFile ?? join(dataDir, 'postgres.log');
    const password = keepPassword(dataDir, place.cluster);
    await makeCluster(place, password, logFile);
    const server = (await attach(place)) ?? (await start(place, options, logFile));
    const url = `postgres://${OWNER}:${password}@127.0.0.1:${server.port}/brikk`;
    await makeDatabase(url);
    return { ...server, url, stop: () => stopProcess(server.pid, STOP_STEPS) };
  } catch (error) {
    throw explainFileError(error, dataDir);
  }
}

type Started = Pick<PostgresServer, 'port' | 'pid' | 'exited'>;

async function attach(place: PostgresPlace): Promise<Started | undefined> {
  const end = performance.now() + START_DEADLINE_MS;
  for (let live = readPostmaster(place.cluster); live; live = readPostmaster(place.cluster)) {
    if (live.status === 'ready') {
      const { pid, port } = live;
      return { pid, port, exited: waitUntilGone(pid) };
    }
    if (performance.now() > end)
      throw new UserError(`Postgres (pid ${live.pid}) neither starts nor stops: end it and start again.`);
    await delay(50);
  }
  return undefined;
}

async function start(place: PostgresPlace, options: PostgresOptions, logFile: string): Promise<Started> {
  const kept = join(options.dataDir, 'port');
  for (let attempt = 1; ; attempt += 1) {
    const port = await choosePort(options, kept);
    await removeStalePostmasterFile(place.cluster);
    const logOffset = existsSync(logFile) ? statSync(logFile).size : 0;
    const command = [...place.prefix, join(place.native, 'bin', 'postgres'), ...serverArguments(place.cluster, port)];
    const child = await startGuarded(command, { logFile, cwd: '/', env: postgresEnvironment(), ...place.owner });
    if (await isReady(place.cluster, child.pid, child.isRunning)) {
      writeFileSync(kept, String(port), { mode: 0o600 });
      return { pid: child.pid, port, exited: child.exited };
    }
    await stopProcess(child.pid, STOP_STEPS);
    const output = readLogFrom(logFile, logOffset);
    // Another program took the port since it was probed, or processes of a killed server are still ending.
    const passing = /could not bind|pre-existing shared memory|lock file "postmaster.pid" already exists/i.test(output);
    if (!passing || attempt === 20) throw explainPostgres(output, logFile);
    await delay(250);
  }
}

async function choosePort({ port, log }: PostgresOptions, kept: string): Promise<number> {
  const last = existsSync(kept) ? Number(readFileSync(kept, 'utf8')) : undefined;
  const wanted = port ?? last;
  if (!wanted) return anyFreePort();
  if (await isPortFree(wanted)) return wanted;
  const free = last && (await isPortFree(last)) ? last : await freePortFrom(wanted + 1);
  log?.(`Postgres port ${wanted} is taken, using ${free}`);
  return free;
}

/** Flags of the server; the log stays short, and only the loopback interface listens. */
export function serverArguments(cluster: string, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    // Without statistics a new table is read by the wrong index: a fan-out of a thousand took 45 ms longer.
    autovacuum_naptime: '5s',
    // The data folder is on a disk without seek times; 4, the default, reads tables of up to 20,000 rows whole.
    random_page_cost: 1.1,
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    password_encryption: 'scram-sha-256',
  };
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function isReady(cluster: string, pid: number, isRunning: () => boolean): Promise<boolean> {
  const end = performance.now() + START_DEADLINE_MS;
  while (isRunning() && performance.now() < end) {
    const live = readPostmaster(cluster);
    if (live?.pid === pid && live.status === 'ready') return true;
    await delay(20);
  }
  return false;
}

async function makeDatabase(url: string): Promise<void> {
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  const client = new pg.Client({ connectionString: maintenance.href, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', ['brikk']);
    if (!rowCount) await client.query('CREATE DATABASE brikk');
  } finally {
    await client.end();
  }
}

async function waitUntilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await isGoneWithin(pid, 1_000);
}
