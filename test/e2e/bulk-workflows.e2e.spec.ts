import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BulkItem } from '../../contracts/bulk.js';
import type { Json } from '../../contracts/json.js';
import { BrikkClient } from '../../sdk/client.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';

jest.setTimeout(240_000);

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Twice the input and one more for each version after the first; 13 is refused. */
const definition = (version: string, more = 0): Record<string, Json> => ({
  document: { dsl: '1.0.3', namespace: 'test', name: 'twice', version },
  input: { schema: { document: { type: 'integer' } } },
  do: [
    {
      check: {
        if: '. == 13',
        raise: { error: { type: 'https://example.com/unlucky', status: 400, title: 'Unlucky' } },
      },
    },
    { twice: { call: 'agent', with: { capability: 'double', input: '${ . }' } } },
    { again: { call: 'agent', with: { capability: 'double', input: '${ . }' } } },
    { more: { set: `\${ . + ${more} }` } },
  ],
});

describe('bulk runs of workflows in the launched product', () => {
  let brikk: LaunchedBrikk;
  let client: BrikkClient;
  let agent: CountingAgent;

  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    const { api, devKey } = await brikk.status();
    client = new BrikkClient({ url: api.url, apiKey: devKey });
    agent = await CountingAgent.listen(20, (input) => (input as number) * 2);
    await brikk.register('doubler', 'double', agent.url, { maxConcurrency: 1_000 });
    await brikk.call('POST', '/v1/workflows', definition('1.0.0'));
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
  });

  const itemsOf = async (id: string): Promise<BulkItem[]> => {
    const all: BulkItem[] = [];
    for await (const item of client.runs.allItems(id)) all.push(item);
    return all;
  };

  it('do 300 items once, by the version of the start, although the worker is killed in the middle', async () => {
    const { id } = await client.runs.bulk({ workflow: 'test/twice', inputs: numbers(300), maxConcurrency: 100 });
    await brikk.call('POST', '/v1/workflows', definition('2.0.0', 1));
    await agent.reached(150);
    process.kill((await brikk.status()).workers[0]!.pid, 'SIGKILL');
    const run = await client.runs.wait(id);
    expect(run).toMatchObject({
      status: 'partial',
      workflow: 'test/twice:1.0.0',
      bulk: { total: 300, completed: 299, failed: 1 },
      usage: { calls: 598 },
    });
    const items = await itemsOf(id);
    const [unlucky] = items.splice(13, 1);
    expect(unlucky).toMatchObject({ status: 'failed', error: { type: 'https://example.com/unlucky' } });
    expect(items.map(({ output }) => output)).toEqual(items.map(({ index }) => index * 4));
    expect(new Set(items.map(({ runId }) => runId)).size).toBe(299);
    expect(agent.askedAt.size).toBe(598);
    // Only what was under way when the process died was asked again.
    expect(agent.calls).toBeLessThanOrEqual(598 + 100);

    const item = await client.runs.item(id, 7);
    expect(item).toMatchObject({ input: 7, output: 28 });
    expect(item.contributions.map(({ callKey, status }) => [callKey, status])).toEqual([
      ['do/1/twice', 'completed'],
      ['do/2/again', 'completed'],
    ]);
    const events = await brikk.events(item.runId);
    expect(events.map(({ position }) => position)).toEqual(events.map((_, place) => place + 1));
    expect((await client.runs.list({ workflow: 'test/twice' })).items.map((listed) => listed.id)).toEqual([id]);

    const { id: again } = await client.runs.rerun(id, { reason: 'the number is fine now', items: 'failed' });
    expect(await client.runs.wait(again)).toMatchObject({
      status: 'failed',
      workflow: 'test/twice:1.0.0',
      parentRunId: id,
      bulk: { total: 1, failed: 1 },
    });
  });

  it('keep finished items when they are canceled, and end every run', async () => {
    const { id } = await client.runs.bulk({ workflow: 'test/twice', inputs: numbers(600), maxConcurrency: 50 });
    for await (const { type } of client.runs.events(id)) if (type === 'bulk.progress') break;
    await client.runs.cancel(id);
    const { status, bulk } = await client.runs.wait(id);
    expect(status).toBe('canceled');
    const { completed = 0, canceled = 0, failed = 0 } = bulk ?? {};
    expect(completed).toBeGreaterThan(0);
    expect(completed + canceled + failed).toBe(600);
    for (const shard of (await client.runs.list({ parent: id })).items)
      for (const run of (await client.runs.list({ parent: shard.id, limit: 200 })).items)
        expect(run.finishedAt).not.toBeNull();
  });

  it('give an item whose input breaks the schema its own error', async () => {
    const { id } = await client.runs.bulk({ definition: definition('1.0.0'), inputs: [1, 'two', 3] });
    const run = await client.runs.wait(id);
    expect(run.bulk).toMatchObject({ completed: 2, failed: 1 });
    const [, two] = await itemsOf(id);
    expect(two).toMatchObject({
      status: 'failed',
      error: { type: 'https://open-workflow-specification.org/spec/1.0.0/errors/validation', instance: '/input' },
    });
  });

  it.each<[string, object, string, string]>([
    ['a workflow that is not there', { workflow: 'test/none', inputs: [1] }, 'workflow.not_found', ''],
    ['a name that is none', { workflow: 'twice', inputs: [1] }, 'request.invalid', 'workflow'],
    ['no inputs', { workflow: 'test/twice', inputs: [] }, 'request.invalid', 'inputs'],
    ['an input beside inputs', { workflow: 'test/twice', inputs: [1], input: 1 }, 'request.invalid', 'input'],
    ['too many at once', { workflow: 'test/twice', inputs: [1], maxConcurrency: 1_001 }, 'request.invalid', 'maxConc'],
    ['a definition without tasks', { definition: { document: {} }, inputs: [1] }, 'workflow.invalid', ''],
    [
      'a large item',
      { workflow: 'test/twice', inputs: [1, { a: numbers(9_999).map(() => 'x'.repeat(200)) }] },
      'request.invalid',
      'inputs[1]',
    ],
  ])('are refused with %s', async (_, body, code, where) => {
    const failure = await client.runs.bulk(body as never).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    const { violations = [] } = failure as { violations?: { path: string }[] };
    if (where !== '') expect(violations.map(({ path: at }) => at).join()).toContain(where);
  });

  it('are started from the command line with a definition and a file of inputs', async () => {
    const file = path.join(brikk.home, 'twice.json');
    const inputs = path.join(brikk.home, 'numbers.jsonl');
    await writeFile(file, JSON.stringify(definition('3.0.0', 5)));
    await writeFile(inputs, '1\n2\n3\n');
    const run = JSON.parse(await brikk.brikk(['run', file, '--inputs', `@${inputs}`, '-o', 'json'])) as { id: string };
    expect((await itemsOf(run.id)).map(({ output }) => output)).toEqual([9, 13, 17]);
  });
});
