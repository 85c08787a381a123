import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../environment.js';
import { packageRoot } from '../package-root.js';
import { checkDatabase } from './check-database.js';
import { isPortFree } from './free-port.js';
import { freeBytes } from './home.js';
import { findPostgresBinaries } from './postgres-binaries.js';
import { chooseIdentity } from './postgres-place.js';
import { DEFAULT_POSTGRES_PORT, type Settings } from './settings.js';
import { ownerUrlOf } from './owner-url.js';
import { findSupervisor } from './supervisor-lock.js';
import { isTemporalReady, locateTemporal } from './temporal.js';
import { readTemporalDev } from './temporal-dev.js';
import { isAtLeast } from './temporal-version.js';

const ENOUGH_BYTES = 1024 ** 3;
const MAX_CLOCK_SKEW_MS = 2_000;

export interface Check {
  name: string;
  isFine: boolean;
  finding: string;
  fix: string;
}

/** Looks at everything a start needs, changes nothing and downloads nothing. */
export async function checkAll(settings: Settings, environment: Environment): Promise<Check[]> {
  return [
    checkNode(process.versions.node, neededNode()),
    ...(await checkPorts(settings)),
    await checkPostgres(settings),
    await checkTemporal(settings, environment),
    checkDisk(settings.home, freeBytes(nearestFolder(settings.home))),
    await checkClock(settings),
  ];
}

export function checkNode(version: string, needed: string): Check {
  return {
    name: 'Node',
    isFine: isAtLeast(version, needed),
    finding: `${version} (needs ${needed} or newer)`,
    fix: `install Node ${needed} or newer from https://nodejs.org`,
  };
}

export function checkDisk(home: string, bytes: number): Check {
  return {
    name: 'Disk',
    isFine: bytes >= ENOUGH_BYTES,
    finding: `${(bytes / ENOUGH_BYTES).toFixed(1)} GB free for ${home}`,
    fix: 'free at least 1 GB, or choose another folder with BRIKK_HOME',
  };
}

/** `ourMs` against the clock of a server that the product works with. */
export function compareClocks(ourMs: number, theirMs: number): Check {
  const skewMs = Math.abs(ourMs - theirMs);
  return {
    name: 'Clock',
    isFine: skewMs <= MAX_CLOCK_SKEW_MS,
    finding: `${(skewMs / 1_000).toFixed(1)} s away from Postgres`,
    fix: 'switch on time synchronisation (NTP) on both machines',
  };
}

/** Of the servers that a start would start itself. */
async function checkPorts(settings: Settings): Promise<Check[]> {
  const { home, apiPort, temporalPort, temporalUiPort, postgresPort, temporal, database } = settings;
  const isRunning = findSupervisor(home) !== undefined;
  const engine = { BRIKK_TEMPORAL_PORT: temporalPort, BRIKK_TEMPORAL_UI_PORT: temporalUiPort };
  const ports = {
    BRIKK_PORT: apiPort,
    ...(!temporal && engine),
    ...(!database && { BRIKK_POSTGRES_PORT: postgresPort ?? DEFAULT_POSTGRES_PORT }),
  };
  return Promise.all(
    Object.entries(ports).map(async ([variable, port]) => {
      const isFree = await isPortFree(port);
      return {
        name: 'Port',
        isFine: isFree || isRunning,
        finding: `${port} is ${isFree ? 'free' : isRunning ? 'in use, Brikk is running' : 'taken'} (${variable})`,
        fix: `free it or set ${variable}; a start takes the next free port`,
      };
    }),
  );
}

async function checkPostgres({ database }: Settings): Promise<Check> {
  const fix = 'run "npm ci" with optional packages, or set DATABASE_URL to a Postgres that runs';
  try {
    const finding = database
      ? `${(await checkDatabase(database.ownerUrl)).version} (DATABASE_URL)`
      : `embedded, at ${await findPostgresBinaries()} (identity: ${chooseIdentity()})`;
    return { name: 'Postgres', isFine: true, finding, fix };
  } catch (error) {
    return { name: 'Postgres', isFine: false, finding: messageOf(error), fix };
  }
}

async function checkTemporal(
  { temporal, temporalNamespace: namespace }: Settings,
  environment: Environment,
): Promise<Check> {
  const dev = readTemporalDev();
  const fix =
    'start the server of TEMPORAL_ADDRESS, set TEMPORAL_CLI_PATH, put `temporal` on PATH, or allow the download';
  if (temporal) {
    const isFine = await isTemporalReady(temporal, namespace);
    const finding = `${temporal.address} ${isFine ? 'answers' : 'does not answer'} for namespace ${namespace}`;
    return { name: 'Temporal', isFine, finding, fix };
  }
  try {
    const found = await locateTemporal(() => undefined, environment);
    const finding = found
      ? `server ${found.serverVersion} at ${found.path} (${found.source})`
      : `no binary yet: the first start fetches ${dev.cli.version}`;
    return { name: 'Temporal', isFine: true, finding, fix };
  } catch (error) {
    return { name: 'Temporal', isFine: false, finding: messageOf(error), fix };
  }
}

/** Beside a server's clock where one is at hand; otherwise the clock must not be behind files that exist. */
async function checkClock({ home, database }: Settings): Promise<Check> {
  const running = findSupervisor(home) ? ownerUrlOf(home) : undefined;
  const url = database?.ownerUrl ?? running;
  const theirs = url ? await checkDatabase(url).catch(() => undefined) : undefined;
  if (theirs) return compareClocks(Date.now(), theirs.now.getTime());
  const newestMs = statSync(join(packageRoot, 'package.json')).mtimeMs;
  return {
    name: 'Clock',
    isFine: Date.now() >= newestMs,
    finding: new Date().toISOString(),
    fix: 'the clock is behind files that exist: switch on time synchronisation (NTP)',
  };
}

function neededNode(): string {
  const { engines } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  return engines.node.replace('>=', '');
}

function nearestFolder(path: string): string {
  return existsSync(path) ? path : nearestFolder(dirname(path));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
