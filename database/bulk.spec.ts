import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from '../contracts/json.js';
import type { BulkInput, EndedItem } from '../contracts/run-workflow.js';
import { acceptedBulk } from '../test/support/bulks.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { finishedCall } from '../test/support/runs.js';
import { startBulkSchema } from '../contracts/bulk.js';
import { closeBudget, reserveBudget } from './budget.repository.js';
import { closeItems, exchangeItems } from './bulk-items.js';
import { finishRun } from './finish-run.js';
import { Journal } from './journal.js';
import { listItems, loadItem } from './load-bulk.js';
import { readEvents } from './run-events.js';
import { findStartableRun, listRuns, loadRun } from './runs.repository.js';
import { raiseBudget } from './raise-budget.js';
import { bulkToRerun } from './rerun-bulk.js';
import { findStaleRuns } from './sweeps.repository.js';
import { uuidv7 } from './uuid.js';

describe('a bulk run on record', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test.close());

  const accept = (inputs: Json[], body?: object) => acceptedBulk(test.database, orgId, inputs, body);
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
  const load = (id: string) => test.database.inOrg(orgId, (tx) => loadRun(tx, id));
  const events = (id: string) => test.database.inOrg(orgId, (tx) => readEvents(tx, id));
  const items = (id: string, query: object = {}) =>
    test.database.inOrg(orgId, (tx) => listItems(tx, id, { limit: 200, ...query }));
  const exchange = ({ runId: bulkRunId, shards }: BulkInput, shard: number, change: object = {}) =>
    exchangeItems(test.database, {
      ...shards[shard]!,
      orgId,
      bulkRunId,
      shard,
      ended: [],
      next: shards[shard]!.first,
      limit: 0,
      ...change,
    });
  const ended = (index: number, change: Partial<EndedItem> = {}): EndedItem => ({
    index,
    status: 'completed',
    terminationReason: 'done',
    output: { inline: index * 2 },
    degraded: false,
    warnings: [],
    ...change,
  });

  it('has its items and shards from the start, and only itself in the lists of runs and sweepers', async () => {
    const bulk = await accept(numbers(1_200));
    expect(bulk.shards.map(({ first, items: count }) => [first, count])).toEqual([
      [0, 500],
      [500, 500],
      [1_000, 200],
    ]);
    expect((await load(bulk.runId)).bulk).toMatchObject({ total: 1_200, accepted: 1_200, completed: 0 });
    expect((await items(bulk.runId)).items[7]).toMatchObject({ index: 7, status: 'accepted', error: null });
    const list = (parent?: string) => test.database.inOrg(orgId, (tx) => listRuns(tx, { limit: 50, parent }));
    expect((await list()).items.map(({ id }) => id)).toEqual([bulk.runId]);
    expect(new Set((await list(bulk.runId)).items.map(({ id }) => id))).toEqual(
      new Set(bulk.shards.map(({ runId }) => runId)),
    );
    const stale = await findStaleRuns(test.database, { olderThanMs: -1_000, limit: 100 });
    expect(stale.map(({ id }) => id)).toEqual([bulk.runId]);
  });

  it('can be started again from the record alone', async () => {
    const bulk = await accept([1, 2], { pattern: 'agent', with: { capability: 'a' }, maxConcurrency: 7 });
    const startable = await test.database.inOrg(orgId, (tx) => findStartableRun(tx, bulk.runId));
    expect(startable).toEqual({ pattern: 'bulk', input: { ...bulk, deadlineAt: expect.any(Number) } });
  });

  it('gives out the same items to a repeat, in order, and none that has ended', async () => {
    const bulk = await accept(numbers(10));
    const take = () => exchange(bulk, 0, { limit: 3 });
    const first = await take();
    expect(first.taken).toEqual([0, 1, 2].map((n) => ({ index: n, input: { inline: n } })));
    expect(await take()).toEqual(first);
    expect(first.counts).toMatchObject({ running: 3, accepted: 7 });
    await exchange(bulk, 0, { ended: [ended(1)] });
    expect((await take()).taken.map(({ index }) => index)).toEqual([0, 2, 3]);
  });

  it('carries at most 128 KiB at a time, and refers to inputs of more than 32 KiB', async () => {
    const bulk = await accept([...Array.from({ length: 6 }, () => 'x'.repeat(30_000)), ['y'.repeat(40_000), 2]]);
    const { taken } = await exchange(bulk, 0, { limit: 100 });
    expect(taken).toHaveLength(4);
    const { taken: rest } = await exchange(bulk, 0, { limit: 100, next: 4 });
    expect(rest[2]).toEqual({ index: 6, input: { ref: expect.any(String), bytes: 40_006, length: 2 } });
    const { input } = await test.database.inOrg(orgId, (tx) => loadItem(tx, bulk.runId, 6));
    expect(input).toEqual(['y'.repeat(40_000), 2]);
  });

  it('says so once when items end, however often it is told, with all items counted', async () => {
    const bulk = await accept(numbers(600));
    await exchange(bulk, 1, { limit: 50 });
    const error = { code: 'agent.rejected', message: 'no' };
    const failed = ended(501, { status: 'failed', terminationReason: 'agent_failed', output: { inline: null }, error });
    for (const _ of [1, 2]) await exchange(bulk, 1, { ended: [ended(500), failed] });
    const [, ...told] = await events(bulk.runId);
    expect(told).toMatchObject([
      { type: 'bulk.progress', data: { shard: 1, counts: { total: 600, completed: 1, failed: 1, accepted: 550 } } },
    ]);
    expect((await items(bulk.runId, { status: 'failed' })).items).toMatchObject([{ index: 501, error, output: null }]);
    await exchange(bulk, 1, { ended: [ended(500, { output: { inline: 'late' } })] });
    expect((await items(bulk.runId, { status: 'completed' })).items).toMatchObject([{ index: 500, output: 1_000 }]);
  });

  it('keeps a large output by reference and shows it whole with the item and its calls', async () => {
    const bulk = await accept(numbers(15));
    const output = { list: [{ inline: 'z'.repeat(20_000) }, { inline: 'z'.repeat(20_000) }] };
    await exchange(bulk, 0, { ended: [ended(1, { output })] });
    const journal = new Journal(test.database);
    for (const key of ['items/1', 'items/1/steps/a', 'items/10', 'items/2'])
      await journal.record(orgId, bulk.shards[0]!.runId, finishedCall(key));
    expect((await items(bulk.runId)).items[1]).toMatchObject({ outputRef: expect.any(String) });
    const item = await test.database.inOrg(orgId, (tx) => loadItem(tx, bulk.runId, 1));
    expect(item.output).toEqual(['z'.repeat(20_000), 'z'.repeat(20_000)]);
    expect(item.contributions.map(({ callKey }) => callKey)).toEqual(['items/1', 'items/1/steps/a']);
    expect((await load(bulk.runId)).usage).toMatchObject({ calls: 4, costUsd: 2 });
  });

  it('closes what is open and keeps what has ended', async () => {
    const bulk = await accept(numbers(700));
    await exchange(bulk, 0, { limit: 2 });
    await exchange(bulk, 0, { ended: [ended(0)] });
    const close = { orgId, runId: bulk.runId, status: 'canceled', terminationReason: 'canceled' } as const;
    const counts = await closeItems(test.database, close);
    expect(counts).toMatchObject({ total: 700, completed: 1, canceled: 699, accepted: 0, running: 0 });
    expect(await closeItems(test.database, { ...close, status: 'failed' })).toEqual(counts);
    for (const { runId } of bulk.shards) expect(await load(runId)).toMatchObject({ status: 'canceled' });
  });

  it('pages through its items', async () => {
    const bulk = await accept(numbers(5));
    const first = await items(bulk.runId, { limit: 3 });
    const second = await items(bulk.runId, { limit: 3, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(second.nextCursor).toBeNull();
  });

  it('names what is not there', async () => {
    const bulk = await accept([1]);
    const item = (id: string, index: number) => test.database.inOrg(orgId, (tx) => loadItem(tx, id, index));
    await expect(item(bulk.runId, 1)).rejects.toMatchObject({ code: 'run.item_not_found' });
    await expect(item(bulk.shards[0]!.runId, 0)).rejects.toMatchObject({ code: 'run.not_bulk' });
    await expect(item(uuidv7(), 0)).rejects.toMatchObject({ code: 'run.not_found' });
  });

  it('has one budget for the calls of all shards: of 100 at once exactly those that fit, what they used, what is left', async () => {
    const body = { pattern: 'agent', with: { capability: 'a' }, budget: { costUsd: 1, agents: 2 } };
    const bulk = await accept(numbers(600), body);
    const levels = [{ place: '', limits: { costUsd: 1, agents: 2 } }];
    const estimate = { tokens: 0, costUsd: 0.04, calls: 1 };
    const reserve = (n: number, agentId: string) => {
      const request = { callKey: `items/${n}`, levels, estimate, agentId, isForced: false };
      const { runId } = bulk.shards[n % 2]!;
      return test.database.inOrg(orgId, (tx) => reserveBudget(tx, orgId, runId, [request]));
    };
    const answers = (await Promise.all(numbers(100).map((n) => reserve(n, `agent-${n % 2}`)))).flat();
    const made = numbers(100).filter((n) => answers[n] === undefined);
    expect(made).toHaveLength(25);
    expect(await reserve(200, 'agent-3')).toMatchObject([{ place: '', limit: 'agents' }]);
    const journal = new Journal(test.database);
    for (const n of made) {
      const call = { ...finishedCall(`items/${n}`), usage: { calls: 1, costUsd: 0.03 }, hasReserved: true };
      await journal.record(orgId, bulk.shards[n % 2]!.runId, call);
    }
    expect((await load(bulk.runId)).budget).toEqual({
      limits: { costUsd: 1, agents: 2, onExceeded: 'stop' },
      used: { costUsd: 0.75, agents: 2 },
      reserved: { costUsd: 0 },
      left: { costUsd: 0.25, agents: 0 },
    });
    expect((await load(bulk.shards[0]!.runId)).budget).toBeNull();
  });

  it('lends of its budget to items that have one of their own, and takes back what they leave', async () => {
    const budget = { calls: 3, onExceeded: 'approval' };
    const bulk = await accept(numbers(600), { pattern: 'agent', with: { capability: 'a' }, budget });
    const run = { place: '', limits: { calls: 3 } };
    const item = (n: number) => ({ place: `items/${n}`, limits: { calls: 2 } });
    const of = (n: number) => bulk.shards[Math.floor(n / 500)]!.runId;
    const reserve = (n: number, callKey = `items/${n}`) => {
      const estimate = { tokens: 0, costUsd: 0, calls: 1 };
      const request = { callKey, levels: [run, item(n)], estimate, agentId: 'a', isForced: false };
      return test.database.inOrg(orgId, (tx) => reserveBudget(tx, orgId, of(n), [request]));
    };
    const close = (n: number) => test.database.inOrg(orgId, (tx) => closeBudget(tx, of(n), `items/${n}`));
    expect([await reserve(0), await reserve(501), await reserve(1)]).toEqual([
      [undefined],
      [undefined],
      [expect.objectContaining({ place: 'items/1', left: 0 })],
    ]);
    expect((await load(bulk.runId)).budget?.reserved).toEqual({ calls: 3 });
    await close(0);
    expect(await reserve(2)).toEqual([undefined]);
    const raise = { key: 'more', place: '', levels: [run], limit: 'calls' as const, by: 2 };
    await test.database.inOrg(orgId, (tx) => raiseBudget(tx, orgId, bulk.runId, raise));
    expect((await load(bulk.runId)).budget?.left).toEqual({ calls: 2 });
  });

  it('starts again with its budget, whose rounds and depth hold in each item', async () => {
    const params = { participants: [{ capability: 'a' }], maxRounds: 9, budget: { rounds: 5, onExceeded: 'degrade' } };
    const budget = { rounds: 3, depth: 2, tokens: 100 };
    const bulk = await accept([1], { pattern: 'groupChat', with: params, budget });
    expect(bulk).toMatchObject({
      budget: { ...budget, onExceeded: 'stop' },
      with: { budget: { rounds: 3, depth: 2, onExceeded: 'degrade' } },
    });
    expect((bulk.with as { budget: object }).budget).not.toHaveProperty('tokens');
    const startable = await test.database.inOrg(orgId, (tx) => findStartableRun(tx, bulk.runId));
    expect(startable.input).toEqual({ ...bulk, deadlineAt: expect.any(Number) });
    const again = await test.database.inOrg(orgId, (tx) => bulkToRerun(tx, bulk.runId, 'all'));
    expect(again).toMatchObject({ budget, with: { budget: { rounds: 5 } } });
  });

  it('is run again with all of its inputs, or with those that did not complete, as it was started', async () => {
    const inputs = [1, null, { text: 'x'.repeat(40_000) }, 'last'];
    const body = {
      pattern: 'agent',
      with: { capability: 'triage' },
      labels: { a: 'b' },
      priority: 'low',
      maxConcurrency: 7,
    };
    const bulk = await accept(inputs, { ...body, deadlineMs: 60_000 });
    const again = (which: 'all' | 'failed', id = bulk.runId) =>
      test.database.inOrg(orgId, (tx) => bulkToRerun(tx, id, which));
    expect(startBulkSchema.safeParse(await again('all')).success).toBe(true);
    const { deadlineMs, ...others } = await again('all');
    expect(others).toEqual({ ...body, with: bulk.with, inputs });
    expect(Math.abs(deadlineMs - 60_000)).toBeLessThan(30_000);
    await expect(again('failed')).rejects.toMatchObject({ code: 'run.not_finished' });
    await expect(again('all', bulk.shards[0]!.runId)).rejects.toMatchObject({ code: 'run.is_bulk' });
    await exchange(bulk, 0, { limit: 10, ended: [ended(0), ended(1, { status: 'partial' }), ended(3)] });
    await closeItems(test.database, { orgId, runId: bulk.runId, status: 'canceled', terminationReason: 'canceled' });
    const end = {
      terminationReason: 'canceled' as const,
      degraded: false,
      rounds: 0,
      warnings: [],
      output: { inline: null },
    };
    await finishRun(test.database, { orgId, runId: bulk.runId, ...end, status: 'canceled', events: [] });
    expect((await again('failed')).inputs).toEqual([null, inputs[2]]);
    const done = await accept([1]);
    await exchange(done, 0, { limit: 1, ended: [ended(0)] });
    await finishRun(test.database, { orgId, runId: done.runId, ...end, status: 'completed', events: [] });
    await expect(again('failed', done.runId)).rejects.toMatchObject({ code: 'request.invalid' });
  });
});
