import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TcpProxy } from '../test/faults/tcp-proxy.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun } from '../test/support/runs.js';
import { until } from '../test/support/until.js';
import { Database } from './database.js';
import { RunNotifications } from './notifications.js';
import { RunEventWriter } from './run-events.js';
import { uuidv7 } from './uuid.js';

const ANSWER_WITHIN_MS = 400;

describe('a Postgres whose connections have nobody behind them any more', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  let proxy: TcpProxy;
  let database: Database;
  beforeAll(async () => {
    test = await withDatabase();
    const url = new URL(test.appUrl);
    proxy = await TcpProxy.before({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    database = await Database.open({ appUrl: url.href, answerWithinMs: ANSWER_WITHIN_MS });
  }, 90_000);
  afterAll(async () => {
    await database?.close();
    await proxy?.stop();
    await test?.close();
  });

  it('fails what was asked of it in time, as one that is away, and gives the next one a new connection', async () => {
    await database.ping();
    proxy.begin({ kind: 'half-open' });
    const begun = performance.now();
    const outage = { code: 'dependency.unavailable', message: 'Postgres does not answer' };
    await expect(database.ping()).rejects.toMatchObject(outage);
    expect(performance.now() - begun).toBeLessThan(ANSWER_WITHIN_MS + 20_000);
    await database.ping();
  });

  it('is listened to again by those who wait for news', async () => {
    const notifications = new RunNotifications(database);
    await notifications.start();
    const run = await acceptedRun(test.database, orgId);
    let woken = 0;
    notifications.onRun(run, () => (woken += 1));
    proxy.begin({ kind: 'half-open' });
    await until(() => woken > 0); // Listening began again: there may be something new.
    const before = woken;
    const event = { key: 'one', type: 'step.started', data: { path: '/s', name: 'one' } } as const;
    await new RunEventWriter(test.database).append(orgId, run, [event]);
    await until(() => woken > before);
    await notifications.close();
  });
});
