import pg from 'pg';
import { UserError } from '../user-error.js';
import { freePortFrom } from './free-port.js';
import { logFileOf, postgresFolder } from './home.js';
import type { Part, Running } from './keep-alive.js';
import { startPostgres } from './postgres.js';
import { DEFAULT_POSTGRES_PORT, type Settings } from './settings.js';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Postgres extends Running {
  /** Owner's URL: for migrations only. */
  url: string;
  /** The URL as `brikk status` shows it. */
  shownUrl: string;
  detail: string;
}

/** The embedded Postgres, or the one that DATABASE_URL names. */
export function postgresPart(
  settings: Settings,
  log: (line: string) => void,
  started: (running: Postgres) => void,
): Part<Postgres> {
  const { databaseUrl } = settings;
  return { name: 'postgres', started, start: databaseUrl ? () => useGiven(databaseUrl) : () => embed(settings, log) };
}

async function embed(settings: Settings, log: (line: string) => void): Promise<Postgres> {
  const dataDir = postgresFolder(settings.home);
  const isFirst = !existsSync(join(dataDir, 'port'));
  const port = settings.postgresPort ?? (isFirst ? await freePortFrom(DEFAULT_POSTGRES_PORT) : undefined);
  const server = await startPostgres({ dataDir, port, log, logFile: logFileOf(settings.home, 'postgres') });
  return { ...server, shownUrl: server.url, detail: `127.0.0.1:${server.port}` };
}

/** Nothing is started or stopped; the person's password stays out of the status. */
async function useGiven(url: string): Promise<Postgres> {
  const shown = new URL(url);
  if (shown.password) shown.password = '***';
  await checkDatabase(url);
  return {
    pid: null,
    url,
    shownUrl: shown.href,
    detail: `${shown.host} (DATABASE_URL)`,
    exited: new Promise(() => undefined),
    stop: () => Promise.resolve(),
  };
}

/** Fails with a `UserError` when nobody answers there, or refuses. Returns the server's version and clock. */
export async function checkDatabase(url: string): Promise<{ version: string; now: Date }> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // A later failure shows in the query below.
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; now: Date }>(
      `SELECT current_setting('server_version') AS version, clock_timestamp() AS now`,
    );
    return rows[0] as { version: string; now: Date };
  } catch (error) {
    const reason = error instanceof Error && error.message ? error.message : 'no answer';
    throw new UserError(`The Postgres of DATABASE_URL cannot be used (${reason}): start it, or correct the URL.`, {
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}
