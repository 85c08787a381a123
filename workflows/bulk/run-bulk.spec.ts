import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { createBulkActivities } from '../../activities/bulk.activities.js';
import { bulkRecord } from '../../apps/worker/record.js';
import type { BulkItem } from '../../contracts/bulk.js';
import type { Json } from '../../contracts/json.js';
import type { Page } from '../../contracts/lists.js';
import { type BulkInput, runWorkflowId } from '../../contracts/run-workflow.js';
import type { Run, TerminalStatus } from '../../contracts/runs.js';
import { finishRun } from '../../database/finish-run.js';
import { listItems } from '../../database/load-bulk.js';
import { readEvents, RunEventWriter } from '../../database/run-events.js';
import { loadRun } from '../../database/runs.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { acceptedBulk } from '../../test/support/bulks.js';
import { type TestDatabase, withDatabase } from '../../test/support/postgres.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { type Script, ScriptedAgents } from '../../test/support/scripted-agents.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(120_000);

const echo: Script = (_, input) => ({ output: input });
const agent = { pattern: 'agent', with: { capability: 'echo' } };

/** Items and runs in a real Postgres, the workflows in a real Temporal; the agents are scripted. */
describe('a bulk run', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  let worker: TemporalWorker;
  let agents = new ScriptedAgents(echo);
  let inFlight = 0;
  let most = 0;

  beforeAll(async () => {
    test = await withDatabase();
    const { database } = test;
    const events = new RunEventWriter(database);
    const scripted = scriptedActivities(() => agents);
    worker = await startWorker({
      activities: {
        ...scripted,
        async callAgents(batch) {
          inFlight += batch.calls.length;
          most = Math.max(most, inFlight);
          return scripted.callAgents(batch).finally(() => (inFlight -= batch.calls.length));
        },
        recordEvents: ({ runId, events: some }) => events.append(orgId, runId, some),
        finishRun: (end) => finishRun(database, end),
        ...createBulkActivities(bulkRecord(database)),
      },
    });
  }, 90_000);
  afterAll(async () => {
    await worker?.stop();
    await test?.close();
  });

  const start = async (script: Script, inputs: Json[], body: object = agent) => {
    agents = new ScriptedAgents(script);
    most = 0;
    const bulk = await acceptedBulk(test.database, orgId, inputs, body);
    const client: Client = worker.client;
    const handle = await client.workflow.start<(input: BulkInput) => Promise<TerminalStatus>>('bulk', {
      args: [bulk],
      workflowId: runWorkflowId(bulk),
      taskQueue: worker.taskQueue,
    });
    return { bulk, handle };
  };
  const load = (id: string): Promise<Run> => test.database.inOrg(orgId, (tx) => loadRun(tx, id));
  const itemsOf = async (id: string): Promise<BulkItem[]> => {
    const all: BulkItem[] = [];
    let cursor: string | null = null;
    do {
      const query = { limit: 200, ...(cursor === null ? {} : { cursor }) };
      const page: Page<BulkItem> = await test.database.inOrg(orgId, (tx) => listItems(tx, id, query));
      all.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return all;
  };
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
  const eventsOf = (id: string) => test.database.inOrg(orgId, (tx) => readEvents(tx, id));

  it('gives each item its own result, in few calls to the record, and counts them', async () => {
    const { bulk, handle } = await start((_, input) => ({ output: (input as number) * 2 }), numbers(1_100));
    expect(await handle.result()).toBe('completed');
    const items = await itemsOf(bulk.runId);
    expect(items.map(({ output }) => output)).toEqual(numbers(1_100).map((n) => n * 2));
    expect(await load(bulk.runId)).toMatchObject({
      status: 'completed',
      output: { total: 1_100, completed: 1_100, running: 0 },
      bulk: { total: 1_100, completed: 1_100 },
    });
    const progress = (await eventsOf(bulk.runId)).filter(({ type }) => type === 'bulk.progress');
    expect(progress.length).toBeLessThan(30);
    expect(agents.keys).toHaveLength(1_100);
    for (const { runId } of bulk.shards) expect(await load(runId)).toMatchObject({ status: 'completed' });
  });

  it('lets an item fail without hurting another', async () => {
    const odd: Script = (_, input) => ((input as number) % 2 === 1 ? { fail: 'agent.rejected' } : { output: input });
    const { bulk, handle } = await start(odd, numbers(40));
    expect(await handle.result()).toBe('partial');
    const items = await itemsOf(bulk.runId);
    expect(items.map(({ status }) => status)).toEqual(numbers(40).map((n) => (n % 2 === 1 ? 'failed' : 'completed')));
    expect(items[1]?.error).toMatchObject({ code: 'agent.rejected', path: '/items/1' });
    expect((await load(bulk.runId)).warnings).toEqual(['20 of 40 items did not complete: 20 failed']);
  });

  it('fails when no item has an output, also of an expression that fails for some reason', async () => {
    const body = { pattern: 'agent', with: { capability: 'echo', input: '${ .text | ascii_downcase }' } };
    const { bulk, handle } = await start(echo, [{ text: 1 }, { text: 2 }], body);
    expect(await handle.result()).toBe('failed');
    expect((await itemsOf(bulk.runId))[0]).toMatchObject({
      status: 'failed',
      terminationReason: 'invalid_expression',
      error: { code: 'expression.failed' },
    });
  });

  it('has at most maxConcurrency items under way, over all shards', async () => {
    const slow: Script = (_, input) => ({ output: input, afterMs: 300 });
    const { handle } = await start(slow, numbers(600), { ...agent, maxConcurrency: 150 });
    expect(await handle.result()).toBe('completed');
    expect(most).toBeLessThanOrEqual(150);
    expect(most).toBeGreaterThan(75);
  });

  it('has as many under way when they are too large to travel together', async () => {
    const large = numbers(24).map((n) => ({ n, text: 'x'.repeat(25_000) }));
    const together: Script = async (_, input) => {
      await until(() => agents.keys.length === large.length, 30_000);
      return { output: (input as { n: number }).n };
    };
    const { bulk, handle } = await start(together, large);
    expect(await handle.result()).toBe('completed');
    expect((await itemsOf(bulk.runId)).map(({ output }) => output)).toEqual(numbers(24));
  });

  it('keeps what had ended when it is canceled, and asks for nothing more', async () => {
    const some: Script = (_, input) => ({ output: input, afterMs: (input as number) < 10 ? 0 : 60_000 });
    const { bulk, handle } = await start(some, numbers(700), { ...agent, maxConcurrency: 40 });
    await until(async () => ((await load(bulk.runId)).bulk?.completed ?? 0) > 0);
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    const { bulk: counts, status, terminationReason } = await load(bulk.runId);
    expect([status, terminationReason]).toEqual(['canceled', 'canceled']);
    expect(counts).toMatchObject({ total: 700, accepted: 0, running: 0 });
    const { completed = 0, canceled = 0 } = counts ?? {};
    expect(completed).toBeGreaterThan(0);
    expect(completed).toBeLessThanOrEqual(10);
    expect(completed + canceled).toBe(700);
    expect(agents.keys.length).toBeLessThan(200);
  });

  it('ends at its deadline with what it has', async () => {
    const some: Script = (_, input) => ({ output: input, afterMs: input === 0 ? 0 : 60_000 });
    const { bulk, handle } = await start(some, numbers(30), { ...agent, deadlineMs: 4_000 });
    expect(await handle.result()).toBe('timed_out');
    const run = await load(bulk.runId);
    expect(run).toMatchObject({ terminationReason: 'deadline' });
    expect((run.bulk?.completed ?? 0) + (run.bulk?.timed_out ?? 0)).toBe(30);
  });

  it('holds its calls while it is paused, and goes on', async () => {
    const slow: Script = (_, input) => ({ output: input, afterMs: 100 });
    const { bulk, handle } = await start(slow, numbers(200), { ...agent, maxConcurrency: 10 });
    await until(() => agents.keys.length >= 20);
    await handle.signal('pause');
    await until(async () => (await load(bulk.runId)).status === 'paused');
    const asked = async () => {
      const before = agents.keys.length;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return agents.keys.length - before;
    };
    await until(async () => (await asked()) === 0);
    expect(agents.keys.length).toBeLessThan(200);
    await handle.signal('resume');
    expect(await handle.result()).toBe('completed');
    expect(agents.keys).toHaveLength(200);
    expect((await eventsOf(bulk.runId)).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['run.paused', 'run.resumed']),
    );
  });

  it('goes on as new when a history is full: no item is left out or done twice', async () => {
    // Calls that are awaited one by one: dozens of events for each item.
    const body = {
      pattern: 'concurrent',
      with: { items: numbers(12), branch: { capability: 'echo' }, maxInFlight: 12 },
      maxConcurrency: 4,
    };
    const { bulk, handle } = await start(echo, numbers(70), body);
    expect(await handle.result()).toBe('completed');
    expect(agents.keys).toHaveLength(70 * 12);
    expect(new Set(agents.keys).size).toBe(70 * 12);
    const shard = worker.client.workflow.getHandle(runWorkflowId({ orgId, runId: bulk.shards[0]!.runId }));
    const { runId: last } = await shard.describe();
    const { events } = await shard.fetchHistory();
    const first = events?.[0]?.workflowExecutionStartedEventAttributes;
    expect(first?.continuedExecutionRunId).toBeTruthy();
    expect(first?.originalExecutionRunId).toBe(last);
  });
});
