import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ListFailedCalls, listFailedCallsSchema } from '../contracts/failed-calls.js';
import { acceptedBulk } from '../test/support/bulks.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall } from '../test/support/runs.js';
import { listFailedCalls } from './failed-calls.repository.js';
import { finishRun } from './finish-run.js';
import { Journal } from './journal.js';
import { uuidv7 } from './uuid.js';

describe('calls that failed for good', () => {
  let test: TestDatabase;
  let journal: Journal;
  beforeAll(async () => {
    test = await withDatabase();
    journal = new Journal(test.database);
  }, 90_000);
  afterAll(() => test.close());

  const error = { code: 'agent.timeout', message: 'silent', retryable: true };
  const fail = (orgId: string, runId: string, key: string, change: object = {}) =>
    journal.record(orgId, runId, {
      ...finishedCall(key),
      status: 'failed',
      output: undefined,
      error,
      attempts: 3,
      capability: 'sort',
      ...change,
    });
  const list = (orgId: string, filter: Partial<ListFailedCalls> = {}) =>
    test.database.inOrg(orgId, (tx) => listFailedCalls(tx, listFailedCallsSchema.parse(filter)));
  const end = (orgId: string, runId: string) =>
    finishRun(test.database, {
      orgId,
      runId,
      status: 'failed',
      terminationReason: 'agent_failed',
      output: { inline: null },
      events: [],
      degraded: false,
      rounds: 0,
      warnings: [],
    });

  it('are listed over all runs of the organisation, with what makes them again once their run has ended', async () => {
    const [orgId, other] = [uuidv7(), uuidv7()];
    const run = await acceptedRun(test.database, orgId);
    await fail(orgId, run, 'a', { agentId: uuidv7(), agent: 'sorter', role: 'worker' });
    await journal.record(orgId, run, finishedCall('fine'));
    await journal.record(orgId, run, { ...finishedCall('c'), status: 'canceled', output: undefined, error });
    await fail(other, await acceptedRun(test.database, other), 'foreign');
    const [call, ...others] = (await list(orgId)).items;
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      runId: run,
      pattern: 'agent',
      workflow: null,
      runStatus: 'accepted',
      key: 'a',
      path: '/a',
      role: 'worker',
      capability: 'sort',
      agent: 'sorter',
      attempts: 3,
      error: { code: 'agent.timeout', message: 'silent' },
      replay: null,
    });
    await end(orgId, run);
    expect((await list(orgId)).items[0]).toMatchObject({
      runStatus: 'failed',
      replay: { path: `/v1/runs/${run}/rerun`, body: { calls: 'failed' } },
    });
  });

  it('are the newest first, page by page, none twice and none left out, also at the same moment', async () => {
    const orgId = uuidv7();
    const runs = [await acceptedRun(test.database, orgId), await acceptedRun(test.database, orgId)];
    const keys = Array.from({ length: 9 }, (_, n) => `call ${n}`);
    // Calls that are recorded at once are written together, and end at one moment.
    for (const run of runs) await Promise.all(keys.map((key) => fail(orgId, run, key)));
    const seen: string[] = [];
    const times: number[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await list(orgId, { limit: 4, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.items.map(({ runId, key }) => `${runId} ${key}`));
      times.push(...page.items.map(({ failedAt }) => Date.parse(failedAt)));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen.toSorted()).toEqual(runs.flatMap((run) => keys.map((key) => `${run} ${key}`)).toSorted());
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    await expect(list(orgId, { cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('are filtered by what was asked for, by whom, in which pattern and run, and since when', async () => {
    const orgId = uuidv7();
    const [one, two] = [await acceptedRun(test.database, orgId), await acceptedRun(test.database, orgId)];
    const agentId = uuidv7();
    await fail(orgId, one, 'a', { agent: 'sorter', agentId });
    await fail(orgId, two, 'b', { capability: 'weigh', agent: 'scales' });
    await fail(orgId, two, 'c', { capability: undefined });
    const keys = async (filter: Partial<ListFailedCalls>) =>
      (await list(orgId, filter)).items.map(({ key }) => key).sort();
    expect(await keys({ capability: 'sort' })).toEqual(['a']);
    expect(await keys({ agent: 'scales' })).toEqual(['b']);
    expect(await keys({ agent: agentId })).toEqual(['a']);
    expect(await keys({ pattern: 'agent' })).toEqual(['a', 'b', 'c']);
    expect(await keys({ pattern: 'market' })).toEqual([]);
    expect(await keys({ run: two })).toEqual(['b', 'c']);
    expect(await keys({ since: new Date(Date.now() - 3_600_000).toISOString() })).toHaveLength(3);
    expect(await keys({ since: new Date(Date.now() + 3_600_000).toISOString() })).toEqual([]);
  });

  it('of a bulk run are told of it, whatever shard they were made in', async () => {
    const orgId = uuidv7();
    const bulk = await acceptedBulk(test.database, orgId, [1, 2]);
    await fail(orgId, bulk.shards[0]!.runId, 'items/1/call');
    await end(orgId, bulk.runId);
    expect((await list(orgId, { run: bulk.runId })).items).toMatchObject([
      { runId: bulk.runId, key: 'items/1/call', replay: { body: { items: 'failed' } } },
    ]);
  });
});
