import { join, resolve } from 'node:path';
import { UserError } from '../user-error.js';

/** The launcher's settings of the environment, with their defaults, as `brikk up --help` lists them. */
export const SETTINGS = [
  ['BRIKK_HOME', '.brikk', 'data folder'],
  ['BRIKK_PORT', '7600', 'API'],
  ['BRIKK_TEMPORAL_PORT', '7233', 'Temporal'],
  ['BRIKK_TEMPORAL_UI_PORT', '8233', 'Temporal Web UI'],
  ['BRIKK_POSTGRES_PORT', '7632', 'embedded Postgres'],
  ['BRIKK_WORKERS', '1', 'worker processes'],
  ['DATABASE_URL', '', 'use this Postgres instead of the embedded one'],
  ['TEMPORAL_ADDRESS', '', 'use this Temporal instead of starting one'],
  ['TEMPORAL_NAMESPACE', 'brikk', 'namespace in Temporal'],
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
  databaseUrl?: string;
  temporalAddress?: string;
  temporalNamespace?: string;
}

export const DEFAULT_POSTGRES_PORT = 7632;
const MAX_WORKERS = 64;

/** Reads the settings; flags win over the environment. Fails with a `UserError` that names the variable. */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  flags: { workers?: string; samples?: boolean } = {},
): Settings {
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
    databaseUrl: environment['DATABASE_URL'] || undefined,
    temporalAddress: environment['TEMPORAL_ADDRESS'] || undefined,
    temporalNamespace: environment['TEMPORAL_NAMESPACE'] || undefined,
  };
}

/** The data folder alone, for commands that start nothing. */
export function readHome(environment: Readonly<Record<string, string | undefined>>): string {
  return resolve(environment['BRIKK_HOME'] || join(process.cwd(), '.brikk'));
}

function readPort(environment: Readonly<Record<string, string | undefined>>, name: string): number | undefined {
  const text = environment[name];
  return text ? readNumber(name, text, 65_535) : undefined;
}

function readNumber(name: string, text: string, maximum: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > maximum)
    throw new UserError(`${name} is "${text}": it must be a whole number from 1 to ${maximum}.`);
  return value;
}
