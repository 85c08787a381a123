import { join, resolve } from 'node:path';
import { readTemporalSettings, type TemporalConnection } from '../../../connectors/lib/temporal-settings.js';
import type { Environment } from '../environment.js';
import { UserError } from '../user-error.js';
import type { DatabaseUrls } from './tables.js';

/** The launcher's settings of the environment, with their defaults, as `brikk up --help` lists them. */
export const SETTINGS = [
  ['BRIKK_HOME', '.brikk', 'data folder'],
  ['BRIKK_PORT', '7600', 'API'],
  ['BRIKK_TEMPORAL_PORT', '7233', 'Temporal'],
  ['BRIKK_TEMPORAL_UI_PORT', '8233', 'Temporal Web UI'],
  ['BRIKK_POSTGRES_PORT', '7632', 'embedded Postgres'],
  ['BRIKK_WORKERS', '1', 'worker processes'],
  ['BRIKK_MASTER_KEY', '', 'what seals secrets; else kept in the data folder'],
  ['DATABASE_URL', '', 'use this Postgres instead of the embedded one'],
  ['DATABASE_APP_URL', '', 'with DATABASE_URL: the role that the product works as'],
  ['DATABASE_DISPATCH_URL', '', 'with DATABASE_URL: the role of its sweepers'],
  ['TEMPORAL_ADDRESS', '', 'use this Temporal instead of starting one'],
  ['TEMPORAL_NAMESPACE', 'brikk', 'namespace in Temporal'],
  ['TEMPORAL_API_KEY', '', 'with TEMPORAL_ADDRESS: its API key'],
  ['TEMPORAL_TLS_…', '', 'with TEMPORAL_ADDRESS: certificates, see docs/operations.md'],
  ['TEMPORAL_CLI_PATH', '', 'the temporal binary to start'],
] as const;

export interface Settings {
  home: string;
  apiPort: number;
  temporalPort: number;
  temporalUiPort: number;
  /** Undefined unless set: the embedded Postgres then keeps the port it had. */
  postgresPort?: number;
  workers: number;
  samples: boolean;
  /** Undefined: the embedded Postgres. */
  database?: DatabaseUrls;
  temporalNamespace: string;
  /** Undefined: the development server that the launcher starts. */
  temporal?: TemporalConnection;
}

export const DEFAULT_POSTGRES_PORT = 7632;
const MAX_WORKERS = 64;

/** Reads the settings; flags win over the environment. Fails with a `UserError` that names the variable. */
export function readSettings(environment: Environment, flags: { workers?: string; samples?: boolean } = {}): Settings {
  return {
    home: readHome(environment),
    apiPort: readPort(environment, 'BRIKK_PORT') ?? 7600,
    temporalPort: readPort(environment, 'BRIKK_TEMPORAL_PORT') ?? 7233,
    temporalUiPort: readPort(environment, 'BRIKK_TEMPORAL_UI_PORT') ?? 8233,
    postgresPort: readPort(environment, 'BRIKK_POSTGRES_PORT'),
    workers: flags.workers
      ? readNumber('--workers', flags.workers, MAX_WORKERS)
      : readNumber('BRIKK_WORKERS', environment['BRIKK_WORKERS'] || '1', MAX_WORKERS),
    samples: flags.samples ?? true,
    database: environment['DATABASE_URL'] ? readDatabaseUrls(environment) : undefined,
    ...readTemporal(environment),
  };
}

/** The data folder alone, for commands that start nothing. */
export function readHome(environment: Environment): string {
  return resolve(environment['BRIKK_HOME'] || join(process.cwd(), '.brikk'));
}

/** A secured connection is the one to TEMPORAL_ADDRESS: without that the other settings mean another server. */
function readTemporal(environment: Environment): Pick<Settings, 'temporal' | 'temporalNamespace'> {
  const isGiven = Boolean(environment['TEMPORAL_ADDRESS']);
  const read = isGiven ? environment : { TEMPORAL_NAMESPACE: environment['TEMPORAL_NAMESPACE'] };
  try {
    const { namespace, connection } = readTemporalSettings(read);
    return { temporalNamespace: namespace, ...(isGiven && { temporal: connection }) };
  } catch (error) {
    throw new UserError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The Postgres that somebody else runs. Fails with a `UserError` that names the variable, never its value. */
export function readDatabaseUrls(environment: Environment): DatabaseUrls {
  const ownerUrl = readDatabaseUrl(environment, 'DATABASE_URL');
  if (!ownerUrl) throw new UserError('DATABASE_URL is not set: give the URL of the tables’ owner.');
  const appUrl = readDatabaseUrl(environment, 'DATABASE_APP_URL');
  const dispatchUrl = readDatabaseUrl(environment, 'DATABASE_DISPATCH_URL');
  if (appUrl && dispatchUrl) return { ownerUrl, appUrl, dispatchUrl };
  if (appUrl ?? dispatchUrl)
    throw new UserError('DATABASE_APP_URL and DATABASE_DISPATCH_URL belong together: set both, or neither.');
  return { ownerUrl };
}

function readDatabaseUrl(environment: Environment, name: string): string | undefined {
  const text = environment[name];
  if (!text) return undefined;
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol))
    throw new UserError(`${name} is no Postgres URL: it must look like postgres://user:password@host:5432/database.`);
  return text;
}

function readPort(environment: Environment, name: string): number | undefined {
  const text = environment[name];
  return text ? readNumber(name, text, 65_535) : undefined;
}

function readNumber(name: string, text: string, maximum: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > maximum)
    throw new UserError(`${name} is "${text}": it must be a whole number from 1 to ${maximum}.`);
  return value;
}
