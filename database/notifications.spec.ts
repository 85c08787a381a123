import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun } from '../test/support/runs.js';
import { until } from '../test/support/until.js';
import { RunNotifications } from './notifications.js';
import { RunEventWriter } from './run-events.js';
import { uuidv7 } from './uuid.js';

describe('listening to runs', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  let events: RunEventWriter;
  let notifications: RunNotifications;
  beforeAll(async () => {
    test = await withDatabase();
    events = new RunEventWriter(test.database);
    notifications = new RunNotifications(test.database);
    await notifications.start();
  }, 90_000);
  afterAll(async () => {
    await notifications?.close();
    await test?.close();
  });

  const write = (runId: string, key: string) =>
    events.append(orgId, runId, [{ key, type: 'step.started', data: { path: '/s', name: key } }]);
  const listen = (runId: string) => {
    const listener = { woken: 0, stop: () => {} };
    listener.stop = notifications.onRun(runId, () => (listener.woken += 1));
    return listener;
  };
  /** Postgres ends the connection that listens, as when it restarts. Answers how many there were. */
  const cut = () =>
    asOwner(test.ownerUrl, async (owner) => {
      const { rowCount } = await owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'brikk-listen' AND datname = current_database()`,
      );
      return rowCount;
    });
  const connections = () =>
    asOwner(test.ownerUrl, async (owner) => {
      const { rows } = await owner.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_stat_activity
         WHERE application_name = 'brikk-listen' AND datname = current_database()`,
      );
      return rows[0]!.count;
    });

  it('wakes those of the run that something was committed to, and nobody else', async () => {
    const [mine, other] = [await acceptedRun(test.database, orgId), await acceptedRun(test.database, orgId)];
    const [first, second, stranger] = [listen(mine), listen(mine), listen(other)];
    await write(mine, 'one');
    await until(() => first.woken > 0 && second.woken > 0);
    first.stop();
    first.stop();
    const before = first.woken;
    await write(mine, 'two');
    await until(() => second.woken > 1);
    expect([first.woken, stranger.woken]).toEqual([before, 0]);
    for (const { stop } of [second, stranger]) stop();
    expect(notifications.listening).toBe(0);
  });

  it('wakes everybody after a lost connection, and hears what comes then', async () => {
    const runId = await acceptedRun(test.database, orgId);
    const listener = listen(runId);
    expect(await cut()).toBe(1);
    await until(() => listener.woken > 0);
    const woken = listener.woken;
    await write(runId, 'after');
    await until(() => listener.woken > woken);
    expect(await connections()).toBe(1);
    listener.stop();
  });

  it('starts without Postgres, and stops while it tries again', async () => {
    const away = { options: { appUrl: 'postgres://brikk_app:x@127.0.0.1:1/none' } } as ConstructorParameters<
      typeof RunNotifications
    >[0];
    const lonely = new RunNotifications(away);
    await lonely.start();
    await lonely.start();
    await lonely.close();
  });

  it('does not connect again once it is closed', async () => {
    const brief = new RunNotifications(test.database);
    await brief.start();
    expect(await connections()).toBe(2);
    await brief.close();
    await until(async () => (await connections()) === 1);
  });
});
