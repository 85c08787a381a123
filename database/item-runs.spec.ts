import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Definition } from '../contracts/definition.js';
import type { Json } from '../contracts/json.js';
import type { BulkInput } from '../contracts/run-workflow.js';
import { CLAIM_CHECK_BYTES } from '../contracts/values.js';
import { acceptedBulkOf } from '../test/support/bulks.js';
import { definitionOf } from '../test/support/interpreted.js';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { finishedCall } from '../test/support/runs.js';
import { closeItems } from './bulk-items.js';
import { finishRun } from './finish-run.js';
import { exchangeRuns, loadItemRun } from './item-runs.repository.js';
import { Journal } from './journal.js';
import { listItems, loadItem } from './load-bulk.js';
import { deleteOldRuns } from './old-runs.repository.js';
import { loadRun } from './runs.repository.js';
import { bulkToRerun } from './rerun-bulk.js';
import { findStaleRuns } from './sweeps.repository.js';
import { uuidv7 } from './uuid.js';

const echo = definitionOf([{ ask: { call: 'agent', with: { capability: 'echo' } } }]);

describe('items of a bulk run that follow a definition, on record', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test?.close());

  const accept = (inputs: Json[], definition: Definition = echo) =>
    acceptedBulkOf(test.database, orgId, definition, inputs);
  const exchange = ({ runId: bulkRunId, shards }: BulkInput, change: object = {}) =>
    exchangeRuns(test.database, {
      ...shards[0]!,
      orgId,
      bulkRunId,
      shard: 0,
      ended: [],
      next: 0,
      limit: 0,
      ...change,
    });
  const finish = (runId: string, output: Json) =>
    finishRun(test.database, {
      orgId,
      runId,
      status: 'completed',
      terminationReason: 'done',
      degraded: true,
      rounds: 0,
      warnings: ['slow'],
      output: { inline: output },
      events: [],
    });
  const load = (runId: string) => test.database.inOrg(orgId, (tx) => loadRun(tx, runId));
  const items = async ({ runId }: BulkInput) =>
    (await test.database.inOrg(orgId, (tx) => listItems(tx, runId, { limit: 50 }))).items;
  const unsaid = { status: 'failed', terminationReason: 'internal' } as const;

  it('are the same runs for a repeat, which no sweeper looks at', async () => {
    const bulk = await accept([10, 11, 12]);
    const first = await exchange(bulk, { limit: 2 });
    expect(first.taken.map(({ index }) => index)).toEqual([0, 1]);
    expect(first.counts).toMatchObject({ running: 2, accepted: 1 });
    expect(await exchange(bulk, { limit: 2 })).toEqual(first);
    const stale = await findStaleRuns(test.database, { olderThanMs: -1_000, limit: 100 });
    expect(stale.map(({ id }) => id)).toEqual([bulk.runId]);
    const start = await test.database.inOrg(orgId, (tx) => loadItemRun(tx, first.taken[1]!.runId, true));
    expect(start).toMatchObject({ with: { definition: echo, hash: 'f00d' }, input: { inline: 11 }, resumed: true });
  });

  it('end as their runs ended, or as is said of those that never said it', async () => {
    const bulk = await accept([1, { large: 'x'.repeat(CLAIM_CHECK_BYTES) }, 3]);
    const { taken } = await exchange(bulk, { limit: 3 });
    await finish(taken[0]!.runId, null);
    await finish(taken[1]!.runId, 'y'.repeat(CLAIM_CHECK_BYTES + 1));
    const ended = taken.map((item) => ({ ...item, unsaid }));
    for (const _ of [1, 2]) {
      const { counts } = await exchange(bulk, { ended, next: 3 });
      expect(counts).toMatchObject({ completed: 2, failed: 1, running: 0 });
    }
    expect(await items(bulk)).toMatchObject([
      { status: 'completed', output: null, degraded: true, warnings: ['slow'] },
      { status: 'completed', outputRef: expect.any(String) },
      { status: 'failed', terminationReason: 'internal', error: { code: 'internal' } },
    ]);
    expect(await load(taken[2]!.runId)).toMatchObject({ status: 'failed', error: { code: 'internal' } });
    const detail = await test.database.inOrg(orgId, (tx) => loadItem(tx, bulk.runId, 1));
    expect(detail.output).toHaveLength(CLAIM_CHECK_BYTES + 1);
  });

  it('count in the usage of their shard and of the bulk run, while they go on and afterwards', async () => {
    const bulk = await accept([1, 2]);
    const { taken } = await exchange(bulk, { limit: 2 });
    for (const { runId } of taken) await new Journal(test.database).record(orgId, runId, finishedCall('do/0/ask'));
    await finish(taken[0]!.runId, 1);
    for (const runId of [bulk.runId, bulk.shards[0]!.runId])
      expect((await load(runId)).usage).toEqual({ inputTokens: 4, outputTokens: 0, costUsd: 1, calls: 2 });
  });

  it('hear the events that their definition listens to', async () => {
    const hearing = definitionOf([{ hear: { listen: { to: { one: { with: { type: 'com.example.told' } } } } } }]);
    const bulk = await accept([1, 2], hearing);
    const { taken } = await exchange(bulk, { limit: 2 });
    await exchange(bulk, { limit: 2 });
    const listening = await test.database.inOrg(orgId, (tx) =>
      tx<{ id: string }>('SELECT listener_id AS id FROM bus_subscription WHERE listener_id = ANY($1)', [
        taken.map(({ runId }) => runId),
      ]),
    );
    expect(listening).toHaveLength(2);
  });

  it('are closed with their bulk run, and run again by the same definition', async () => {
    const bulk = await accept([1, 2]);
    const { taken } = await exchange(bulk, { limit: 1 });
    const end = { orgId, runId: bulk.runId, status: 'canceled', terminationReason: 'canceled' } as const;
    expect(await closeItems(test.database, end)).toMatchObject({ canceled: 2 });
    for (const runId of [taken[0]!.runId, bulk.shards[0]!.runId]) expect((await load(runId)).status).toBe('canceled');
    const again = await test.database.inOrg(orgId, (tx) => bulkToRerun(tx, bulk.runId, 'all'));
    expect(again).toMatchObject({ pattern: 'workflow', with: { definition: echo, hash: 'f00d' }, inputs: [1, 2] });
  });

  it('go with their bulk run when its time is over, and not before', async () => {
    const brief = { ...echo, document: { ...echo.document, metadata: { brikk: { retention: 'PT1S' } } } };
    const bulk = await accept([1], brief);
    const { taken } = await exchange(bulk, { limit: 1 });
    const runIds = [taken[0]!.runId, bulk.shards[0]!.runId];
    for (const runId of runIds) await finish(runId, 1);
    const pass = () =>
      asOwner(test.ownerUrl, (owner) => owner.query(`UPDATE run SET delete_at = delete_at - interval '2 h'`));
    await pass();
    expect(await deleteOldRuns(test.database)).toBe(0);
    await finish(bulk.runId, null);
    await pass();
    expect(await deleteOldRuns(test.database)).toBe(1);
    for (const runId of [bulk.runId, ...runIds])
      await expect(load(runId)).rejects.toMatchObject({ code: 'run.not_found' });
  });
});
