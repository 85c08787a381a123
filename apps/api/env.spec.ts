import { describe, expect, it } from '@jest/globals';
import { readSettings } from './env.js';

const needed = { DATABASE_APP_URL: 'postgres://brikk_app:secret@db/brikk', TEMPORAL_ADDRESS: 'temporal:7233' };

describe('the settings of the API', () => {
  it('are those of production unless it says otherwise: every interface, 2,000 requests in 10 s, 5 s to drain', () => {
    expect(readSettings(needed)).toMatchObject({
      environment: 'production',
      host: '0.0.0.0',
      port: 7600,
      rateLimit: 2_000,
      drainMs: 5_000,
      logLevel: 'info',
      databaseUrl: needed.DATABASE_APP_URL,
      temporal: { connection: { address: 'temporal:7233' }, namespace: 'brikk' },
    });
  });

  it('keep to this machine in development, and stop at once', () => {
    const development = { ...needed, BRIKK_ENV: 'development' };
    expect(readSettings(development)).toMatchObject({ host: '127.0.0.1', drainMs: 0 });
    expect(readSettings({ ...development, BRIKK_DRAIN_SECONDS: '2' }).drainMs).toBe(2_000);
    expect(readSettings({ ...development, BRIKK_HOST: '::1' }).host).toBe('::1');
  });

  it('name every variable that is wrong, and show no value', () => {
    const wrong = { ...needed, BRIKK_PORT: '70000', BRIKK_RATE_LIMIT: 'many', BRIKK_ENV: 'prod' };
    expect(() => readSettings(wrong)).toThrow(/BRIKK_ENV.*BRIKK_PORT.*BRIKK_RATE_LIMIT/);
    expect(() => readSettings({ ...wrong, DATABASE_APP_URL: '' })).toThrow(/DATABASE_APP_URL/);
    expect(() => readSettings(wrong)).not.toThrow(/secret|70000|many/);
  });
});
