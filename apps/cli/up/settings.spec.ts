import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { UserError } from '../user-error.js';
import { readDatabaseUrls, readSettings } from './settings.js';

describe('the settings of the launcher', () => {
  it('have defaults for all, also where a variable is empty', () => {
    const expected = {
      home: join(process.cwd(), '.brikk'),
      apiPort: 7600,
      temporalPort: 7233,
      temporalUiPort: 8233,
      workers: 1,
      samples: true,
    };
    expect(readSettings({})).toMatchObject(expected);
    expect(readSettings({ BRIKK_HOME: '', BRIKK_PORT: '', BRIKK_WORKERS: '', DATABASE_URL: '' })).toEqual(
      readSettings({}),
    );
  });

  it('take the environment, and flags before it', () => {
    const environment = { BRIKK_HOME: '/data', BRIKK_PORT: '8000', BRIKK_POSTGRES_PORT: '8001', BRIKK_WORKERS: '2' };
    expect(readSettings(environment, { workers: '3', samples: false })).toMatchObject({
      home: '/data',
      apiPort: 8000,
      postgresPort: 8001,
      workers: 3,
      samples: false,
    });
  });

  it.each([
    [{ BRIKK_PORT: 'http' }, {}, 'BRIKK_PORT is "http": it must be a whole number from 1 to 65535.'],
    [{ BRIKK_PORT: '0' }, {}, 'BRIKK_PORT is "0"'],
    [{ BRIKK_TEMPORAL_UI_PORT: '65536' }, {}, 'BRIKK_TEMPORAL_UI_PORT is "65536"'],
    [{ BRIKK_POSTGRES_PORT: '1e3' }, {}, 'BRIKK_POSTGRES_PORT is "1e3"'],
    [{ BRIKK_WORKERS: '1.5' }, {}, 'BRIKK_WORKERS is "1.5": it must be a whole number from 1 to 64.'],
    [{}, { workers: '-1' }, '--workers is "-1"'],
  ])('name what is wrong in %j %j', (environment, flags, message) => {
    const read = () => readSettings(environment, flags);
    expect(read).toThrow(UserError);
    expect(read).toThrow(message);
  });

  it('of a Temporal that somebody else runs count only with its address', () => {
    const secured = { TEMPORAL_NAMESPACE: 'orders', TEMPORAL_API_KEY: 'secret', TEMPORAL_TLS_SERVER_NAME: 'inside' };
    expect(readSettings(secured)).toMatchObject({ temporalNamespace: 'orders' });
    expect(readSettings(secured).temporal).toBeUndefined();
    expect(readSettings({ ...secured, TEMPORAL_ADDRESS: 'temporal:7233' }).temporal).toEqual({
      address: 'temporal:7233',
      apiKey: 'secret',
      tls: { serverNameOverride: 'inside' },
    });
    expect(() => readSettings({ TEMPORAL_ADDRESS: 'http://temporal' })).toThrow(UserError);
  });

  it('of a Postgres that somebody else runs are three URLs, or the first alone', () => {
    const [ownerUrl, appUrl, dispatchUrl] = ['postgres://o@db/x', 'postgresql://a@db/x', 'postgres://d@db/x'];
    const all = { DATABASE_URL: ownerUrl, DATABASE_APP_URL: appUrl, DATABASE_DISPATCH_URL: dispatchUrl };
    expect(readSettings(all).database).toEqual({ ownerUrl, appUrl, dispatchUrl });
    expect(readSettings({ DATABASE_URL: ownerUrl }).database).toEqual({ ownerUrl });
    expect(readSettings({ DATABASE_APP_URL: appUrl }).database).toBeUndefined();
    expect(() => readDatabaseUrls({ ...all, DATABASE_DISPATCH_URL: '' })).toThrow(
      /belong together: set both, or neither/,
    );
    for (const wrong of ['mysql://o:secret@db/x', 'secret']) {
      const read = () => readDatabaseUrls({ DATABASE_URL: wrong });
      expect(read).toThrow(/^DATABASE_URL is no Postgres URL: it must look like postgres:/);
      expect(read).not.toThrow(/secret/);
    }
  });
});
