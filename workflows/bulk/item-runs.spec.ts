import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createBulkActivities } from '../../activities/bulk.activities.js';
import { bulkRecord, childRuns } from '../../apps/worker/record.js';
import type { BulkItem } from '../../contracts/bulk.js';
import type { Definition } from '../../contracts/definition.js';
import type { ItemRun, ItemRunActivities } from '../../contracts/item-runs.js';
import type { Json } from '../../contracts/json.js';
import type { LanguageActivities } from '../../contracts/language-activities.js';
import { type BulkInput, runWorkflowId } from '../../contracts/run-workflow.js';
import type { Run, RunSummary, TerminalStatus } from '../../contracts/runs.js';
import { finishRun } from '../../database/finish-run.js';
import { listItems } from '../../database/load-bulk.js';
import { readEvents, RunEventWriter } from '../../database/run-events.js';
import { listRuns, loadRun } from '../../database/runs.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { acceptedBulkOf } from '../../test/support/bulks.js';
import { definitionOf } from '../../test/support/interpreted.js';
import { type TestDatabase, withDatabase } from '../../test/support/postgres.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { type Script, ScriptedAgents } from '../../test/support/scripted-agents.js';
import { scriptedLanguage } from '../../test/support/scripted-language.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(120_000);

const doubled = definitionOf([
  {
    check: { if: '. == 13', raise: { error: { type: 'https://example.com/unlucky', status: 400, title: 'Unlucky' } } },
  },
  { twice: { call: 'agent', with: { capability: 'double', input: '${ . }' } } },
]);
const double: Script = (_, input) => ({ output: (input as number) * 2 });
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Items and runs in a real Postgres, the workflows in a real Temporal; the agents are scripted. */
describe('a bulk run of a definition', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  let worker: TemporalWorker;
  let agents = new ScriptedAgents(double);
  let afterTaking: (taken: ItemRun[]) => Promise<unknown> = async () => undefined;

  beforeAll(async () => {
    test = await withDatabase();
    const { database } = test;
    const events = new RunEventWriter(database);
    const record = bulkRecord(database);
    const children: Pick<LanguageActivities, 'readChild'> = { readChild: childRuns(database).read };
    worker = await startWorker({
      activities: {
        ...scriptedActivities(() => agents),
        ...scriptedLanguage(),
        ...children,
        recordEvents: ({ runId, events: some }) => events.append(orgId, runId, some),
        finishRun: (end) => finishRun(database, end),
        ...createBulkActivities({
          ...record,
          async exchangeRuns(request: Parameters<ItemRunActivities['exchangeRuns']>[0]) {
            const exchanged = await record.exchangeRuns(request);
            await afterTaking(exchanged.taken);
            return exchanged;
          },
        }),
      },
    });
  }, 90_000);
  afterAll(async () => {
    await worker?.stop();
    await test?.close();
  });

  const start = async (script: Script, inputs: Json[], definition: Definition = doubled, maxConcurrency?: number) => {
    agents = new ScriptedAgents(script);
    const bulk = await acceptedBulkOf(test.database, orgId, definition, inputs, maxConcurrency);
    const handle = await worker.client.workflow.start<(input: BulkInput) => Promise<TerminalStatus>>('bulk', {
      args: [bulk],
      workflowId: runWorkflowId(bulk),
      taskQueue: worker.taskQueue,
    });
    return { bulk, handle };
  };
  const load = (id: string): Promise<Run> => test.database.inOrg(orgId, (tx) => loadRun(tx, id));
  const itemsOf = async (id: string): Promise<BulkItem[]> =>
    (await test.database.inOrg(orgId, (tx) => listItems(tx, id, { limit: 1_000 }))).items;
  /** Whether a signal has reached the workflow of a run. */
  const hears = async (runId: string): Promise<boolean> => {
    const { events } = await worker.client.workflow.getHandle(runWorkflowId({ orgId, runId })).fetchHistory();
    return events?.some((event) => event.workflowExecutionSignaledEventAttributes) === true;
  };
  const list = async (parent?: string): Promise<RunSummary[]> =>
    (await test.database.inOrg(orgId, (tx) => listRuns(tx, { limit: 1_000, parent }))).items;

  it('gives each item a run and a result of its own, with the definition on record once a shard', async () => {
    const { bulk, handle } = await start(double, numbers(40));
    expect(await handle.result()).toBe('partial');
    const items = await itemsOf(bulk.runId);
    const others = numbers(40).filter((n) => n !== 13);
    expect(items.filter(({ index }) => index !== 13).map(({ output }) => output)).toEqual(others.map((n) => n * 2));
    expect(items[13]).toMatchObject({
      status: 'failed',
      terminationReason: 'fault',
      error: { type: 'https://example.com/unlucky', instance: '/do/0/check' },
    });
    expect((await load(bulk.runId)).bulk).toMatchObject({ total: 40, completed: 39, failed: 1, running: 0 });

    const [shard] = bulk.shards;
    const runs = await list(shard!.runId);
    expect(new Set(runs.map(({ id }) => id))).toEqual(new Set(items.map(({ runId }) => runId)));
    const own = await load(items[7]!.runId);
    expect(own).toMatchObject({
      status: 'completed',
      workflow: 'test/tested:1.0.0',
      parentRunId: shard!.runId,
      input: 7,
      output: 14,
      with: { definition: doubled },
    });
    const [row] = await test.database.inOrg(orgId, (tx) =>
      tx<{ params: Json }>('SELECT "with" AS params FROM run WHERE id = $1', [own.id]),
    );
    expect(row?.params).toBeNull();
    const stream = await test.database.inOrg(orgId, (tx) => readEvents(tx, own.id));
    expect(stream.map(({ position }) => position)).toEqual(stream.map((_, place) => place + 1));
    expect([stream.at(0)?.type, stream.at(-1)?.type]).toEqual(['run.accepted', 'run.finished']);
    expect((await list()).map(({ id }) => id)).toEqual([bulk.runId]);
  });

  it('keeps at most so many runs under way, and the history of every shard short', async () => {
    let [underWay, most] = [0, 0];
    const counted: Script = async (_, input) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay -= 1;
      return { output: input };
    };
    const echo = definitionOf([{ ask: { call: 'agent', with: { capability: 'echo', input: '${ . }' } } }]);
    const { bulk, handle } = await start(counted, numbers(500), echo, 10);
    expect(await handle.result()).toBe('completed');
    expect((await itemsOf(bulk.runId)).map(({ output }) => output)).toEqual(numbers(500));
    expect(most).toBeLessThanOrEqual(10);
    const shard = worker.client.workflow.getHandle(runWorkflowId({ orgId, runId: bulk.shards[0]!.runId }));
    const { runId: last, historyLength } = await shard.describe();
    expect(historyLength).toBeLessThan(4_096);
    const { events } = await worker.client.workflow.getHandle(runWorkflowId(bulk)).fetchHistory();
    const started = events?.find(({ childWorkflowExecutionStartedEventAttributes: child }) => child);
    const first = started?.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.runId;
    // It went on as new: what it is now is not what the bulk run had started.
    expect(last).not.toBe(first);
  });

  it('keeps what had ended when it is canceled, and cancels the runs under way', async () => {
    const slow: Script = (_, input) =>
      (input as number) < 10 ? { output: input } : { output: null, afterMs: 600_000 };
    const { bulk, handle } = await start(slow, numbers(60), doubled, 20);
    await until(async () => ((await load(bulk.runId)).bulk?.completed ?? 0) === 10);
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    const items = await itemsOf(bulk.runId);
    const statuses = items.map(({ status }) => status);
    expect(statuses.filter((status) => status === 'completed')).toHaveLength(10);
    expect(statuses.filter((status) => status === 'canceled')).toHaveLength(49);
    const runs = await list(bulk.shards[0]!.runId);
    expect(runs.length).toBeLessThan(60);
    expect(runs.every(({ finishedAt }) => finishedAt !== null)).toBe(true);
  });

  it('pauses its runs, begins none meanwhile, and goes on with all of them', async () => {
    const two = definitionOf([
      { first: { call: 'agent', with: { capability: 'echo', input: '${ . }' } } },
      { second: { call: 'agent', with: { capability: 'echo', input: '${ . }' } } },
    ]);
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const gated: Script = async (call, input) => {
      if (call.key.includes('first')) await gate;
      return { output: input };
    };
    const { bulk, handle } = await start(gated, numbers(8), two, 4);
    await until(() => agents.keys.length === 4);
    await handle.signal('pause');
    agents.isHeld = true;
    const shard = bulk.shards[0]!.runId;
    for (const { runId } of (await itemsOf(bulk.runId)).slice(0, 4)) await until(() => hears(runId));
    const pausedRuns = async () => (await list(shard)).filter(({ status }) => status === 'paused').length;
    release();
    await until(async () => (await pausedRuns()) === 4);
    expect(agents.keys).toHaveLength(4);
    agents.isHeld = false;
    await handle.signal('resume');
    expect(await handle.result()).toBe('completed');
    expect(agents.keys).toHaveLength(16);
  });

  it('fails the item alone whose workflow somebody ended by force', async () => {
    const hanging: Script = (_, input) => (input === 2 ? { output: null, afterMs: 600_000 } : { output: input });
    const { bulk, handle } = await start(hanging, numbers(5));
    await until(async () => ((await load(bulk.runId)).bulk?.completed ?? 0) === 4);
    const { runId } = (await itemsOf(bulk.runId))[2]!;
    await worker.client.workflow.getHandle(runWorkflowId({ orgId, runId })).terminate();
    expect(await handle.result()).toBe('partial');
    expect((await itemsOf(bulk.runId))[2]).toMatchObject({ status: 'failed', terminationReason: 'internal' });
    expect(await load(runId)).toMatchObject({ status: 'failed', error: { code: 'internal' } });
  });

  it('takes over runs whose workflows somebody else has started', async () => {
    afterTaking = async (taken) => {
      for (const { runId } of taken)
        await worker.client.workflow.start('bulkItem', {
          args: [{ orgId, runId, resumed: false }],
          workflowId: runWorkflowId({ orgId, runId }),
          taskQueue: worker.taskQueue,
        });
    };
    const { bulk, handle } = await start(double, [1, 2, 3]);
    expect(await handle.result()).toBe('completed');
    afterTaking = async () => undefined;
    expect((await itemsOf(bulk.runId)).map(({ output }) => output)).toEqual([2, 4, 6]);
    expect(agents.keys).toHaveLength(3);
  });
});
