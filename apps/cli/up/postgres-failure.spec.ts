import { describe, expect, it } from '@jest/globals';
import { explainPostgres } from './postgres-failure.js';

describe('what Postgres says before it gives up', () => {
  it.each([
    [
      'FATAL:  could not write lock file "postmaster.pid": No space left on device',
      /the disk is full: free some space/,
    ],
    ['LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', /port is taken: .* BRIKK_POSTGRES_PORT/],
    [
      'postgres: error while loading shared libraries: libicuuc.so.60: cannot open',
      /missing \(libicuuc\.so\.60\): run/,
    ],
    ['FATAL:  data directory "/data" has wrong ownership', /belongs to another user/],
    [
      'DETAIL:  The data directory was initialized by PostgreSQL version 17, which is not',
      /made by PostgreSQL 17: start/,
    ],
    [
      'initdb: error: could not create directory "/data": Read-only file system',
      /read-only: choose another BRIKK_HOME/,
    ],
    ['FATAL:  could not open file "global/pg_control": Permission denied', /make it yours, or choose another/],
    ['FATAL:  could not create shared memory segment: Cannot allocate memory', /more of it, or set DATABASE_URL/],
    ['FATAL:  lock file "postmaster.pid" already exists', /Another Postgres is using this data folder/],
    [
      'FATAL:  the moon is in the wrong phase',
      /^Postgres did not start \(the moon .*\): read \/logs\/postgres\.log\.$/,
    ],
    ['', /^Postgres did not start: read \/logs\/postgres\.log\.$/],
  ])('becomes one sentence: %s', (output, sentence) => {
    expect(explainPostgres(output, '/logs/postgres.log').message).toMatch(sentence);
  });
});
