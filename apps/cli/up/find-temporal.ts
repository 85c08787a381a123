import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { environment as ours, type Environment } from '../environment.js';
import { UserError } from '../user-error.js';
import { installWithGo } from './temporal-go.js';
import { downloadTemporal } from './temporal-download.js';
import { readTemporalDev } from './temporal-dev.js';
import { askServerVersion, isAtLeast } from './temporal-version.js';

export type TemporalSource = 'TEMPORAL_CLI_PATH' | 'cache' | 'PATH' | 'download' | 'go install';

export interface TemporalBinary {
  path: string;
  serverVersion: string;
  source: TemporalSource;
}

/**
 * The first that fits of: TEMPORAL_CLI_PATH, the cached binary, `temporal` on PATH (server new enough), the official
 * download, `go install`. The last two fill the cache. Fails with a `UserError` that names the ways out.
 */
export async function findTemporal(
  log: (line: string) => void,
  environment: Environment = ours,
): Promise<TemporalBinary> {
  const present = await locateTemporal(log, environment);
  if (present) return present;
  const { cli } = readTemporalDev();
  const cached = cachedBinary(cli.version, environment);
  const failures: string[] = [];
  const suppliers = [
    ['download', () => downloadTemporal({ version: cli.version, target: cached, environment, log })],
    [
      'go install',
      () => installWithGo({ version: cli.version, target: cached, go: onPath('go', environment), environment, log }),
    ],
  ] as const;
  for (const [source, supply] of suppliers) {
    try {
      await supply();
      const serverVersion = await askServerVersion(cached);
      if (serverVersion) return { path: cached, serverVersion, source };
      failures.push(`${source}: the binary does not run`);
    } catch (error) {
      failures.push(`${source}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new UserError(
    `No Temporal server was found (${failures.join('; ')}). Do one of these: set TEMPORAL_ADDRESS to a running ` +
      `server, install the temporal CLI (https://docs.temporal.io/cli, server ${cli.minimumServer} or newer) on PATH or ` +
      `set TEMPORAL_CLI_PATH to it, install Go (https://go.dev), or allow the download from temporal.download.`,
  );
}

/** Likewise, but fetches nothing: undefined when no binary on this machine fits. */
export async function locateTemporal(
  log: (line: string) => void,
  environment: Environment = ours,
): Promise<TemporalBinary | undefined> {
  const { cli } = readTemporalDev();
  const given = environment['TEMPORAL_CLI_PATH'];
  if (given) return checkGiven(given, cli.minimumServer);

  const cached = cachedBinary(cli.version, environment);
  for (const [path, source] of [
    [cached, 'cache'],
    [onPath('temporal', environment), 'PATH'],
  ] as const) {
    const serverVersion = path && existsSync(path) ? await askServerVersion(path) : undefined;
    if (!path || !serverVersion) continue;
    if (isAtLeast(serverVersion, cli.minimumServer)) return { path, serverVersion, source };
    log(`${path} has server ${serverVersion}, older than ${cli.minimumServer}: looking further`);
  }
  return undefined;
}

/** The user's cache directory, where binaries are kept between checkouts. */
export function cacheFolder(environment: Environment): string {
  const home = environment['HOME'] ?? homedir();
  const base = process.platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
  return join(environment['XDG_CACHE_HOME'] || base, 'brikk');
}

function cachedBinary(version: string, environment: Environment): string {
  return join(cacheFolder(environment), 'temporal', version, 'temporal');
}

async function checkGiven(path: string, minimum: string): Promise<TemporalBinary> {
  const serverVersion = await askServerVersion(path);
  if (!serverVersion)
    throw new UserError(`TEMPORAL_CLI_PATH is ${path}, and that is no temporal binary that runs: correct or unset it.`);
  if (!isAtLeast(serverVersion, minimum))
    throw new UserError(`TEMPORAL_CLI_PATH has server ${serverVersion}: Brikk needs ${minimum} or newer.`);
  return { path, serverVersion, source: 'TEMPORAL_CLI_PATH' };
}

function onPath(program: string, environment: Environment): string | undefined {
  const candidates = (environment['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
