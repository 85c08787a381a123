import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BrikkClient } from '../../sdk/client.js';
import type { BulkItem } from '../../contracts/bulk.js';
import type { Json } from '../../contracts/json.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const ITEMS = 2_000;
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const double = { pattern: 'agent', with: { capability: 'double' } } as const;

describe('bulk runs of the launched product', () => {
  let brikk: LaunchedBrikk;
  let client: BrikkClient;
  let agent: CountingAgent;
  let slow: CountingAgent;
  let dear: CountingAgent;

  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    const { api, devKey } = await brikk.status();
    client = new BrikkClient({ url: api.url, apiKey: devKey });
    agent = await CountingAgent.listen(0, (input) => (input as number) * 2);
    slow = await CountingAgent.listen(150, (input) => (input as number) * 2);
    await brikk.register('doubler', 'double', agent.url, { maxConcurrency: 1_000 });
    dear = await CountingAgent.listen(20, (input) => input);
    const capabilities = [{ name: 'priced', cost: { usd: 0.04 } }];
    await brikk.register('dear', 'priced', dear.url, { capabilities, maxConcurrency: 1_000 });
    await brikk.register('slow-doubler', 'double-slowly', slow.url, { maxConcurrency: 1_000 });
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
    await slow?.close();
    await dear?.close();
  });

  const itemsOf = async (id: string): Promise<BulkItem[]> => {
    const all: BulkItem[] = [];
    for await (const item of client.runs.allItems(id)) all.push(item);
    return all;
  };
  const outputsOf = async (id: string) => (await itemsOf(id)).map(({ output }) => output);

  it('do 2,000 items with exact results, each under a key of its own, once for one idempotency key', async () => {
    const bulk = { ...double, inputs: numbers(ITEMS), labels: { batch: 'doubles' } };
    const accepted = await client.runs.bulk(bulk, { idempotencyKey: 'twice' });
    expect(accepted).toMatchObject({ status: 'accepted', bulk: { total: ITEMS, accepted: ITEMS } });
    expect(await client.runs.bulk(bulk, { idempotencyKey: 'twice' })).toEqual(accepted);
    const other = client.runs.bulk({ ...bulk, inputs: [1] }, { idempotencyKey: 'twice' });
    await expect(other).rejects.toMatchObject({ code: 'idempotency.conflict' });

    const run = await client.runs.wait(accepted.id);
    expect(run).toMatchObject({ status: 'completed', terminationReason: 'done', usage: { calls: ITEMS } });
    expect(await outputsOf(run.id)).toEqual(numbers(ITEMS).map((n) => n * 2));
    expect(agent.askedAt.size).toBe(ITEMS);

    const events = await brikk.events(run.id);
    expect(events.map(({ position }) => position)).toEqual(events.map((_, place) => place + 1));
    const progress = events.flatMap(({ type, data }) => (type === 'bulk.progress' ? [data.counts.completed] : []));
    expect(progress.length).toBeLessThan(60);
    expect(progress).toEqual(progress.toSorted((one, next) => one - next));
    expect(progress.at(-1)).toBe(ITEMS);

    const { items: runs } = await client.runs.list({ label: 'batch=doubles' });
    expect(runs.map(({ id }) => id)).toEqual([run.id]);
    expect((await client.runs.list({ parent: run.id })).items).toHaveLength(ITEMS / 500);
    expect(await client.runs.item(run.id, 7)).toMatchObject({
      input: 7,
      output: 14,
      contributions: [{ callKey: 'items/7', agent: 'doubler' }],
    });
    const none = client.runs.rerun(run.id, { reason: 'again', items: 'failed' });
    await expect(none).rejects.toMatchObject({ code: 'request.invalid' });
    const shard = client.runs.rerun((await itemsOf(run.id))[0]!.runId, { reason: 'again' });
    await expect(shard).rejects.toMatchObject({ code: 'run.is_bulk' });
    const again = await client.runs.wait((await client.runs.rerun(run.id, { reason: 'again' })).id);
    expect(again).toMatchObject({ status: 'completed', parentRunId: run.id, bulk: { completed: ITEMS } });
  });

  it('lose no item and do none twice although the worker is killed in the middle', async () => {
    const { id } = await client.runs.bulk({
      pattern: 'sequential',
      with: { steps: ['a', 'b'].map((name) => ({ name, capability: 'double-slowly' })) },
      inputs: numbers(600),
      maxConcurrency: 200,
    });
    await slow.reached(500);
    process.kill((await brikk.status()).workers[0]!.pid, 'SIGKILL');
    const run = await client.runs.wait(id);
    expect(run).toMatchObject({ status: 'completed', bulk: { completed: 600 } });
    expect(await outputsOf(id)).toEqual(numbers(600).map((n) => n * 4));
    expect(slow.askedAt.size).toBe(1_200);
    // Only what was under way when the process died was asked again.
    expect(slow.calls).toBeLessThanOrEqual(1_200 + 200);
    const items = await itemsOf(id);
    for (const { runId } of (await client.runs.list({ parent: id })).items.map(({ id: shard }) => ({ runId: shard }))) {
      const events = await brikk.events(runId);
      expect(events.map(({ position }) => position)).toEqual(events.map((_, place) => place + 1));
      const calls = events.flatMap(({ type, data }) => (type === 'call.finished' ? [data.callKey] : []));
      expect(new Set(calls).size).toBe(calls.length);
      expect(calls).toHaveLength(2 * items.filter((item) => item.runId === runId).length);
    }
  });

  it('keep finished items when they are canceled', async () => {
    const before = slow.calls;
    const body = { pattern: 'agent', with: { capability: 'double-slowly' }, inputs: numbers(2_000) } as const;
    const { id } = await client.runs.bulk({ ...body, maxConcurrency: 100 });
    for await (const { type } of client.runs.events(id)) if (type === 'bulk.progress') break;
    await client.runs.cancel(id);
    const { status, terminationReason, bulk } = await client.runs.wait(id);
    expect([status, terminationReason]).toEqual(['canceled', 'canceled']);
    const { completed = 0, canceled = 0 } = bulk ?? {};
    expect(completed).toBeGreaterThan(0);
    expect(completed + canceled).toBe(2_000);
    const { items } = await client.runs.items(id, { status: 'completed', limit: 1 });
    expect(items).toMatchObject([{ index: 0, output: 0 }]);
    expect(slow.calls - before).toBeLessThan(2_000);
  });

  const priced = (budget: object, more: object = {}) => ({
    pattern: 'agent' as const,
    with: { capability: 'priced' },
    inputs: numbers(100),
    budget,
    ...more,
  });

  it('under a budget over all items make of 100 calls at once exactly those that fit', async () => {
    const before = dear.calls;
    const { id } = await client.runs.bulk(priced({ costUsd: 1 }));
    const run = await client.runs.wait(id);
    expect(run).toMatchObject({
      status: 'budget_exceeded',
      terminationReason: 'budget',
      error: { code: 'agent.budget' },
      bulk: { completed: 25, budget_exceeded: 75 },
      budget: { used: { costUsd: 1 }, reserved: { costUsd: 0 }, left: { costUsd: 0 } },
    });
    expect(dear.calls - before).toBe(25);
    const [refused] = (await client.runs.items(id, { status: 'budget_exceeded', limit: 1 })).items;
    expect(refused).toMatchObject({ terminationReason: 'budget', error: { code: 'agent.budget' } });
    expect((await brikk.events(id)).filter(({ type }) => type === 'budget.exceeded')).toHaveLength(1);
  });

  it('spend no more over two shards, and lose nothing of it, when the worker is killed in the middle', async () => {
    const body = priced({ calls: 510, onExceeded: 'degrade' }, { inputs: numbers(600), maxConcurrency: 100 });
    const before = dear.calls;
    const { id } = await client.runs.bulk(body);
    await dear.reached(before + 150);
    process.kill((await brikk.status()).workers[0]!.pid, 'SIGKILL');
    const run = await client.runs.wait(id);
    expect(run).toMatchObject({ status: 'partial', terminationReason: 'budget', degraded: true });
    expect(run.bulk).toMatchObject({ completed: 510, budget_exceeded: 90 });
    expect(run.budget).toMatchObject({ used: { calls: 510 }, reserved: { calls: 0 }, left: { calls: 0 } });
  });

  it('ask a person once for more, and go on with what was refused', async () => {
    const { id } = await client.runs.bulk(priced({ costUsd: 1, onExceeded: 'approval' }));
    const asked = () => client.approvals.list({ run: id });
    await until(async () => (await asked()).items.length > 0, 30_000);
    expect((await asked()).items).toMatchObject([{ kind: 'budget', status: 'pending' }]);
    await client.approvals.answer((await asked()).items[0]!.id, { costUsd: 10 });
    const run = await client.runs.wait(id);
    expect(run).toMatchObject({ status: 'completed', bulk: { completed: 100 } });
    expect(run.budget).toMatchObject({ limits: { costUsd: 11 }, used: { costUsd: 4 }, reserved: { costUsd: 0 } });
    expect((await asked()).items).toHaveLength(1);
    const types = (await brikk.events(id)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['budget.exceeded', 'run.waiting', 'budget.raised', 'run.resumed']));
  });

  it('start although Temporal did not answer when they were accepted', async () => {
    const { temporal } = await brikk.status();
    process.kill(temporal.pid, 'SIGSTOP');
    const { id } = await client.runs.bulk({ ...double, inputs: [1, 2, 3] });
    process.kill(temporal.pid, 'SIGCONT');
    expect(await client.runs.wait(id)).toMatchObject({ status: 'completed' });
    expect(await outputsOf(id)).toEqual([2, 4, 6]);
  });

  it('are started, followed and summed up by the command, with exit code 1 when items fail', async () => {
    const file = path.join(brikk.home, 'numbers.jsonl');
    const cli = (...args: string[]) => brikk.brikk(['run', 'agent', ...args, '--inputs', `@${file}`]);
    const lines = async (values: Json[]) =>
      writeFile(file, values.map((value) => `${JSON.stringify(value)}\n`).join(''));
    await lines([1, 2, 3]);
    const text = await cli('--with', '{"capability":"double"}');
    expect(text).toMatch(/^Run \S+ accepted with 3 items\./);
    expect(text).toMatch(/\nSTATUS +ITEMS\ncompleted +3\n/);
    const id = /Run (\S+) accepted/.exec(text)?.[1] ?? '';
    expect(await brikk.brikk(['runs', 'items', id])).toMatch(/^ITEM +STATUS +TOOK +OUTPUT\n0 +completed .* 2\n/);
    expect(await brikk.brikk(['runs', 'item', id, '2'])).toMatch(/^item 2: completed \(done\)\n[^]*Output\n6/);
    expect(await brikk.brikk(['runs', 'story', id])).toMatch(/\n3 of 3 items: 3 completed\.\nIt completed/);

    await lines([{ text: 'x' }, 4]);
    const params = '{"capability":"double","input":"${ . * 1 }"}';
    const failed = await cli('--with', params).catch((error: { code: number; stdout: string }) => error);
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/\nFailed items\n {2}0: /) });
    await writeFile(file, '1\n{oops\n');
    const broken = await cli('--with', params).catch((error: { stderr: string }) => error);
    expect(broken).toMatchObject({ stderr: expect.stringMatching(/not JSON in line 2/) });
  });
});
