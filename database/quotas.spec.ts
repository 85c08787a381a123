import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { Database } from './database.js';
import { putQuota, readQuota, refuseOverQuota, removeQuota, settleQuota, takeCalls } from './quotas.repository.js';
import { uuidv7 } from './uuid.js';

const DAY_MS = 86_400_000;

describe('the quota of an organisation', () => {
  let test: TestDatabase;
  let other: Database;
  beforeAll(async () => {
    test = await withDatabase();
    other = await Database.open({ appUrl: test.appUrl });
  }, 60_000);
  afterAll(async () => {
    await other?.close();
    await test?.close();
  });
  const inOrg = <T>(orgId: string, work: Parameters<typeof test.database.inOrg<T>>[1]) =>
    test.database.inOrg(orgId, work);

  it('is never exceeded in calls, by two hundred askers of two workers at once', async () => {
    const orgId = uuidv7();
    await inOrg(orgId, (tx) => putQuota(tx, { windowMs: DAY_MS, calls: 100 }));
    const grants = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        [test.database, other][at % 2]!.inOrg(orgId, (tx) => takeCalls(tx, (at % 3) + 1)),
      ),
    );
    const granted = grants.reduce((sum, grant) => sum + (grant?.granted ?? 0), 0);
    expect(granted).toBe(100);
    expect(await inOrg(orgId, readQuota)).toMatchObject({ limits: { calls: 100 }, used: { calls: 100 } });
  });

  it('counts what answers used, refuses when it is used up, and covers again when it is raised or gone', async () => {
    const orgId = uuidv7();
    await inOrg(orgId, (tx) => putQuota(tx, { windowMs: DAY_MS, costUsd: 1 }));
    await inOrg(orgId, (tx) => settleQuota(tx, { tokens: 70, costUsd: 0.75 }));
    await inOrg(orgId, refuseOverQuota);
    await inOrg(orgId, (tx) => settleQuota(tx, { tokens: 0, costUsd: 0.5 }));
    expect(await inOrg(orgId, readQuota)).toMatchObject({ used: { tokens: 70, costUsd: 1.25 } });
    const refused = inOrg(orgId, refuseOverQuota);
    await expect(refused).rejects.toMatchObject({ code: 'quota.exceeded', retryAfterMs: expect.any(Number) });
    expect(await inOrg(orgId, (tx) => takeCalls(tx, 1))).toMatchObject({ granted: 0, refusal: { limit: 'costUsd' } });
    await inOrg(orgId, (tx) => putQuota(tx, { windowMs: DAY_MS, costUsd: 2 }));
    expect(await inOrg(orgId, (tx) => takeCalls(tx, 1))).toEqual({ granted: 1 });
    await inOrg(orgId, removeQuota);
    expect(await inOrg(orgId, (tx) => takeCalls(tx, 1))).toBeUndefined();
  });

  it('binds nobody else', async () => {
    const [limited, free] = [uuidv7(), uuidv7()];
    await inOrg(limited, (tx) => putQuota(tx, { windowMs: DAY_MS, calls: 1 }));
    expect(await inOrg(free, (tx) => takeCalls(tx, 5))).toBeUndefined();
    expect(await inOrg(free, readQuota)).toMatchObject({ windowMs: null, limits: {}, resetsAt: null });
    await inOrg(free, removeQuota);
    expect(await inOrg(limited, readQuota)).toMatchObject({ limits: { calls: 1 } });
  });
});
