import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, CreateConnection } from '../../contracts/connections.js';
import type { Priority } from '../../contracts/priority.js';
import { queuesOf } from '../../database/connection-queue.js';
import { Database } from '../../database/database.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { ConnectorHouse, OutsideSystem, says, type Tried } from '../../test/support/connections.js';
import { asOwner, type TestDatabase, withDatabase } from '../../test/support/postgres.js';
import { acceptedRun } from '../../test/support/runs.js';

describe('calls that wait for a connection', () => {
  let test: TestDatabase;
  let second: Database;
  let houses: [ConnectorHouse, ConnectorHouse];
  let system: OutsideSystem;
  beforeAll(async () => {
    test = await withDatabase();
    second = await Database.open({ appUrl: test.appUrl });
    const { id } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'));
    const first = new ConnectorHouse(test.database, id);
    houses = [first, new ConnectorHouse(second, id, first.vault)];
    system = await OutsideSystem.start();
  }, 90_000);
  afterAll(async () => {
    system.stop();
    await Promise.all(houses.map((house) => house.close()));
    await second.close();
    await test.close();
  });
  beforeEach(() => void system.seen.splice(0));

  const inOrg = <T>(work: Parameters<typeof test.database.inOrg<T>>[1]) => test.database.inOrg(houses[0].orgId, work);
  const connect = (terms: Partial<CreateConnection>) =>
    houses[0].connect({ name: `c-${uuidv7()}`, baseUrls: [system.origin], ...terms });
  const run = async (priority: Priority = 'normal') => {
    const id = await acceptedRun(test.database, houses[0].orgId);
    await inOrg((tx) => tx('UPDATE run SET priority = $2 WHERE id = $1', [id, priority]));
    return id;
  };
  const ask = (connection: Connection, runId: string, key = 'a', at = 0): Promise<Tried> =>
    (houses[at] as ConnectorHouse).attempt(
      'http.request',
      { connection: connection.name, method: 'POST' },
      { runId, key },
    );
  const waitOf = async (...asked: Parameters<typeof ask>) => ((await ask(...asked)) as { laterMs: number }).laterMs;
  /** As the engine does it: begun again when it is time. */
  const toEnd = async (...asked: Parameters<typeof ask>): Promise<void> => {
    for (let tried = await ask(...asked); !('outcome' in tried); tried = await ask(...asked))
      await sleep(tried.laterMs);
  };
  const waiting = async ({ id }: Connection) => (await inOrg((tx) => queuesOf(tx, [id]))).get(id);
  const served = () => system.seen.map(({ headers }) => String(headers['idempotency-key']));

  it('go by the priority of their runs, then by age, whoever comes back first', async () => {
    const connection = await connect({ rateLimit: { points: 2, durationMs: 1_000 } });
    const first = await run();
    await Promise.all([ask(connection, first, 'a'), ask(connection, first, 'b')]);
    const runs: string[] = [];
    const ends: Promise<void>[] = [];
    for (const [n, priority] of (['low', 'normal', 'normal', 'low', 'critical', 'high'] as const).entries()) {
      const runId = await run(priority);
      runs.push(runId);
      ends.push(toEnd(connection, runId, 'a', n % 2));
    }
    await sleep(200);
    expect(await waiting(connection)).toMatchObject({ waiting: 6, oldestMs: expect.any(Number) });
    await Promise.all(ends);
    const order = served()
      .slice(2)
      .map((key) => runs.indexOf(key.split('/')[0] ?? ''));
    const windows = [order.slice(0, 2), order.slice(2, 4), order.slice(4)].map((window) =>
      window.sort((a, b) => a - b),
    );
    expect(windows).toEqual([
      [4, 5],
      [1, 2],
      [0, 3],
    ]);
    expect(await waiting(connection)).toBeUndefined();
  }, 20_000);

  it('of one run let those of others in between', async () => {
    const connection = await connect({ rateLimit: { points: 2, durationMs: 1_000 } });
    const [many, few] = [await run(), await run()];
    const keys = Array.from({ length: 8 }, (_, n) => `k${n}`);
    const all = keys.map((key) => toEnd(connection, many, key));
    await sleep(100);
    await toEnd(connection, few, 'only', 1);
    const before = served().indexOf(`${few}/only`);
    expect(before).toBeGreaterThan(1);
    expect(before).toBeLessThan(4);
    await Promise.all(all);
    expect(served()).toHaveLength(9);
  }, 20_000);

  it('are never more at once than the connection takes, over all workers', async () => {
    const connection = await connect({ maxInFlight: 3 });
    const runId = await run();
    let [now, most] = [0, 0];
    for (let n = 0; n < 12; n += 1)
      system.script.push((response) => {
        most = Math.max(most, (now += 1));
        setTimeout(() => {
          now -= 1;
          says(200)(response);
        }, 150);
      });
    await Promise.all(Array.from({ length: 12 }, (_, n) => toEnd(connection, runId, `k${n}`, n % 2)));
    expect(most).toBe(3);
    expect(served()).toHaveLength(12);
    expect(await waiting(connection)).toBeUndefined();
  }, 30_000);

  it('give their place up when their run has ended', async () => {
    const connection = await connect({ rateLimit: { points: 1, durationMs: 60_000 } });
    const [gone, next] = [await run(), await run()];
    await ask(connection, gone, 'sent');
    for (const key of ['a', 'b', 'c']) await ask(connection, gone, key);
    expect(await waitOf(connection, next)).toBeGreaterThan(60_000);
    await asOwner(test.ownerUrl, (client) => client.query('UPDATE run SET finished_at = now() WHERE id = $1', [gone]));
    expect(await waitOf(connection, next)).toBeLessThanOrEqual(60_010);
    expect(await waiting(connection)).toMatchObject({ waiting: 1 });
  });

  it('keep their turn while no worker lives, but nobody waits for who does not come back', async () => {
    const connection = await connect({ rateLimit: { points: 1, durationMs: 60_000 } });
    await ask(connection, await run());
    const [older, younger] = [await run(), await run()];
    await ask(connection, older);
    expect(await waitOf(connection, younger)).toBeGreaterThan(60_010);
    await inOrg((tx) => tx(`UPDATE connection_queue SET until = now() - interval '1 h' WHERE state = 'waiting'`));
    expect(await waitOf(connection, younger)).toBeLessThanOrEqual(60_010);
    expect(await waitOf(connection, older)).toBeLessThanOrEqual(60_010);
    expect(await waitOf(connection, younger)).toBeGreaterThan(60_010);
  });

  it('that the system puts off are shown, and hold nobody up', async () => {
    const connection = await connect({ rateLimit: { points: 5, durationMs: 60_000 }, maxInFlight: 1 });
    const [put, other] = [await run(), await run()];
    system.script.push(says(429, {}, { 'retry-after': '30' }));
    expect(await ask(connection, put)).toMatchObject({ type: 'connector.rate_limited' });
    expect(await waiting(connection)).toMatchObject({ waiting: 1 });
    expect(await ask(connection, other)).toMatchObject({ outcome: { output: { ok: true } } });
    expect(await ask(connection, put)).toMatchObject({ outcome: { output: { ok: true } } });
    expect(await waiting(connection)).toBeUndefined();
  });

  it('leave nothing behind, however they end', async () => {
    const connection = await connect({ maxInFlight: 1 });
    const runId = await run();
    system.script.push(says(404), says(401));
    await ask(connection, runId, 'missing');
    await ask(connection, runId, 'refused');
    await ask(connection, runId, 'unusable');
    const rows = await inOrg((tx) =>
      tx('SELECT call_key, state FROM connection_queue WHERE connection_id = $1', [connection.id]),
    );
    expect(rows).toEqual([]);
  });
});
