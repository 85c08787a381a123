import { existsSync, readFileSync } from 'node:fs';
import { UserError } from '../user-error.js';

const KNOWN: readonly [pattern: RegExp, sentence: string][] = [
  [/No space left on device/i, 'Postgres cannot write because the disk is full: free some space and start again.'],
  [
    /could not bind|Address already in use/i,
    'The Postgres port is taken: free it or choose another with BRIKK_POSTGRES_PORT.',
  ],
  [
    /error while loading shared libraries: (\S+):/,
    'A library that Postgres needs is missing ($1): run "npm ci" again, or set DATABASE_URL.',
  ],
  [
    /has wrong ownership|must be started by the user that owns/i,
    'The Postgres data folder belongs to another user: start as that user, or choose another BRIKK_HOME.',
  ],
  [
    /initialized by PostgreSQL version (\S+),/,
    'The Postgres data folder was made by PostgreSQL $1: start with --fresh, or with the version of Brikk that made it.',
  ],
  [/Read-only file system/i, 'Postgres cannot write because the file system is read-only: choose another BRIKK_HOME.'],
  [/Permission denied/i, 'Postgres may not use its data folder: make it yours, or choose another BRIKK_HOME.'],
  [
    /could not (?:create|map|resize) shared memory|shmget|shm_open/i,
    'Postgres cannot get shared memory: give the machine or container more of it, or set DATABASE_URL.',
  ],
  [
    /lock file "[^"]+" already exists/,
    'Another Postgres is using this data folder: stop it, or choose another BRIKK_HOME.',
  ],
];

/** One sentence for what Postgres said before it gave up. */
export function explainPostgres(output: string, logFile: string): UserError {
  for (const [pattern, sentence] of KNOWN) {
    const match = pattern.exec(output);
    if (match) return new UserError(sentence.replace('$1', match[1] ?? ''));
  }
  const fatal = /(?:FATAL|PANIC|error):\s+(.+)/.exec(output)?.[1];
  return new UserError(`Postgres did not start${fatal ? ` (${fatal.trim()})` : ''}: read ${logFile}.`);
}

/** What was appended to a log file after `offset` bytes. */
export function readLogFrom(logFile: string, offset: number): string {
  return existsSync(logFile) ? readFileSync(logFile).subarray(offset).toString('utf8') : '';
}
