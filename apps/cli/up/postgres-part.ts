import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkDatabase } from './check-database.js';
import { freePortFrom } from './free-port.js';
import { logFileOf, postgresFolder } from './home.js';
import { withoutPassword } from './owner-url.js';
import type { Part, Running } from './keep-alive.js';
import { startPostgres } from './postgres.js';
import { DEFAULT_POSTGRES_PORT, type Settings } from './settings.js';

export interface Postgres extends Running {
  /** Owner's URL: for migrations only. */
  url: string;
  /** The URL as `brikk status` shows it: without the password. */
  shownUrl: string;
  detail: string;
}

/** The embedded Postgres, or the one that DATABASE_URL names. */
export function postgresPart(
  settings: Settings,
  log: (line: string) => void,
  started: (running: Postgres) => void,
): Part<Postgres> {
  const given = settings.database?.ownerUrl;
  return { name: 'postgres', started, start: given ? () => useGiven(given) : () => embed(settings, log) };
}

async function embed(settings: Settings, log: (line: string) => void): Promise<Postgres> {
  const dataDir = postgresFolder(settings.home);
  const isFirst = !existsSync(join(dataDir, 'port'));
  const port = settings.postgresPort ?? (isFirst ? await freePortFrom(DEFAULT_POSTGRES_PORT) : undefined);
  const server = await startPostgres({ dataDir, port, log, logFile: logFileOf(settings.home, 'postgres') });
  return { ...server, shownUrl: withoutPassword(server.url), detail: `127.0.0.1:${server.port}` };
}

/** Nothing is started or stopped. */
async function useGiven(url: string): Promise<Postgres> {
  await checkDatabase(url);
  return {
    pid: null,
    url,
    shownUrl: withoutPassword(url),
    detail: `${new URL(url).host} (DATABASE_URL)`,
    exited: new Promise(() => undefined),
    stop: () => Promise.resolve(),
  };
}
