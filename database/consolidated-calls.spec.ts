import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall } from '../test/support/runs.js';
import { joinConsolidated } from './consolidated-calls.js';
import { finishRun } from './finish-run.js';
import { Journal } from './journal.js';
import { uuidv7 } from './uuid.js';

describe('calls that are sent once with their equals', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 60_000);
  afterAll(() => test?.close());

  const join = (runId: string, callKey: string, fingerprint: string, windowMs = 60_000) =>
    test.database.inOrg(orgId, (tx) => joinConsolidated(tx, orgId, { runId, callKey, fingerprint, windowMs }));
  const runs = (count: number) => Promise.all(Array.from({ length: count }, () => acceptedRun(test.database, orgId)));
  const end = (runId: string, key: string, status: 'completed' | 'failed' | 'canceled') =>
    new Journal(test.database).record(orgId, runId, { ...finishedCall(key), status });

  it('have one that is sent, whoever asks at the same time, and however often', async () => {
    const ids = await runs(8);
    const standing = await Promise.all(ids.map((id) => join(id, 'a', 'same')));
    expect(standing.filter(({ leads }) => leads)).toHaveLength(1);
    const again = await Promise.all(ids.map((id) => join(id, 'a', 'same')));
    expect(again.map(({ leads }) => leads)).toEqual(standing.map(({ leads }) => leads));
    const [one] = await runs(1);
    expect(await join(one!, 'a', 'other')).toEqual({ leads: true });
  });

  it('take what came of it, also what failed, within the window and where they waited longer', async () => {
    const [lead, early, late] = (await runs(3)) as [string, string, string];
    for (const [fingerprint, status] of [
      ['done', 'completed'],
      ['ill', 'failed'],
    ] as const) {
      await join(lead, fingerprint, fingerprint);
      expect(await join(early, fingerprint, fingerprint)).toEqual({ leads: false, waitedMs: 0 });
      await end(lead, fingerprint, status);
      const answer = { leads: false, answer: { key: fingerprint, status } };
      expect(await join(late, fingerprint, fingerprint)).toMatchObject(answer);
      await asOwner(test.ownerUrl, (owner) =>
        owner.query(`UPDATE consolidated_call SET open_until = now() - interval '1 ms' WHERE open_until IS NOT NULL`),
      );
      expect(await join(early, fingerprint, fingerprint)).toMatchObject(answer);
      expect(await join(lead, `${fingerprint}-2`, fingerprint)).toEqual({ leads: true });
    }
  });

  it.each(['canceled', 'gone with its run'])('are sent by the next one where the first is %s', async (how) => {
    const [lead, second, third] = (await runs(3)) as [string, string, string];
    await join(lead, 'a', how);
    await join(second, 'a', how);
    if (how === 'canceled') await end(lead, 'a', 'canceled');
    else
      await finishRun(test.database, {
        orgId,
        runId: lead,
        status: 'canceled',
        terminationReason: 'canceled',
        output: { inline: null },
        events: [],
        degraded: false,
        warnings: [],
        rounds: 0,
      });
    expect(await join(second, 'a', how)).toEqual({ leads: true });
    expect(await join(third, 'a', how)).toMatchObject({ leads: false });
    expect(await join(second, 'a', how)).toEqual({ leads: true });
  });

  it('are those of one organisation', async () => {
    const [own] = await runs(1);
    await join(own!, 'a', 'mine');
    const other = uuidv7();
    const theirs = await acceptedRun(test.database, other);
    const asked = { runId: theirs, callKey: 'a', fingerprint: 'mine', windowMs: 60_000 };
    const standing = await test.database.inOrg(other, (tx) => joinConsolidated(tx, other, asked));
    expect(standing).toEqual({ leads: true });
  });
});
