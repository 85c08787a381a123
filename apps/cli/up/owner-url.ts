import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { postgresFolder } from './home.js';
import { readState } from './state-file.js';

const HIDDEN = '***';

/** A Postgres URL as it may be shown and written down. */
export function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password) shown.password = HIDDEN;
  shown.searchParams.delete('password');
  return shown.href;
}

/**
 * The owner's URL of the Postgres that Brikk runs for this data folder: what the state says, with the password that is
 * kept beside the cluster. Undefined where there is none, and where the server is somebody else's.
 */
export function ownerUrlOf(home: string): string | undefined {
  const { postgres } = readState(home)?.status ?? {};
  if (!postgres || postgres.pid === null || postgres.url === '') return undefined;
  const password = readFileSync(join(postgresFolder(home), 'password'), 'utf8').trim();
  return Object.assign(new URL(postgres.url), { password }).href;
}
