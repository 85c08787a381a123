import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun } from '../test/support/runs.js';
import { finishRun } from './finish-run.js';
import { countByState, countRunsOfAll } from './stats.repository.js';
import { uuidv7 } from './uuid.js';

const END = { status: 'completed', terminationReason: 'done', degraded: false, rounds: 0 } as const;

describe('the counts of runs', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test?.close());

  it('are of those that have not ended, and of those that have just now, not of any before', async () => {
    const orgId = uuidv7();
    await acceptedRun(test.database, orgId);
    const [ended, endedLongAgo] = [await acceptedRun(test.database, orgId), await acceptedRun(test.database, orgId)];
    for (const runId of [ended, endedLongAgo])
      await finishRun(test.database, { orgId, runId, ...END, warnings: [], output: { inline: null }, events: [] });
    await asOwner(test.ownerUrl, (owner) =>
      owner.query(`UPDATE run SET finished_at = now() - interval '6 minutes' WHERE id = $1`, [endedLongAgo]),
    );
    await acceptedRun(test.database, uuidv7());
    const { runs, ended: justNow } = await test.database.inOrg(orgId, countByState);
    expect({ runs, justNow }).toEqual({ runs: { accepted: 1 }, justNow: { completed: 1 } });
    expect(await countRunsOfAll(test.database)).toEqual({ runs: { accepted: 2 }, ended: { completed: 1 } });
  });
});
