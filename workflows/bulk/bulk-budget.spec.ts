import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { createApprovalActivities } from '../../activities/approval.activities.js';
import { createBulkActivities } from '../../activities/bulk.activities.js';
import { approvals, budgets, bulkRecord } from '../../apps/worker/record.js';
import type { Json } from '../../contracts/json.js';
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
import { type Answer, type Script, ScriptedAgents } from '../../test/support/scripted-agents.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(120_000);

const agent = { pattern: 'agent', with: { capability: 'echo' } };
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const refused = (limit: 'calls' | 'agents'): Answer => ({ fail: 'agent.budget', budget: { place: '/', limit } });

/** Runs, items and ledgers in a real Postgres, the workflows in a real Temporal; the agents are scripted. */
describe('the budget of a bulk run', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  let worker: TemporalWorker;
  let agents: ScriptedAgents;
  let client: Client;

  beforeAll(async () => {
    test = await withDatabase();
    const { database } = test;
    const events = new RunEventWriter(database);
    const ledgers = budgets(database);
    worker = await startWorker({
      activities: {
        ...scriptedActivities(() => agents),
        recordEvents: ({ runId, events: some }) => events.append(orgId, runId, some),
        closeBudget: ({ runId, place }) => ledgers.close(orgId, runId, place),
        raiseBudget: ({ runId, orgId: _org, ...raise }) => ledgers.raise(orgId, runId, raise),
        finishRun: (end) => finishRun(database, end),
        ...createBulkActivities(bulkRecord(database)),
        ...createApprovalActivities(approvals(database)),
      },
    });
    ({ client } = worker);
  }, 90_000);
  afterAll(async () => {
    await worker?.stop();
    await test?.close();
  });

  const start = async (script: Script, inputs: Json[], budget: object, body: object = agent) => {
    agents = new ScriptedAgents(script);
    const bulk = await acceptedBulk(test.database, orgId, inputs, { ...body, budget });
    const handle = await client.workflow.start<(input: BulkInput) => Promise<TerminalStatus>>('bulk', {
      args: [bulk],
      workflowId: runWorkflowId(bulk),
      taskQueue: worker.taskQueue,
    });
    return { id: bulk.runId, handle };
  };
  const load = (id: string): Promise<Run> => test.database.inOrg(orgId, (tx) => loadRun(tx, id));
  const itemsOf = async (id: string) =>
    (await test.database.inOrg(orgId, (tx) => listItems(tx, id, { limit: 200 }))).items;
  const eventsOf = (id: string) => test.database.inOrg(orgId, (tx) => readEvents(tx, id));
  const question = async (id: string) => {
    const find = () =>
      test.database.inOrg(orgId, (tx) =>
        tx<{ key: string; subject: Json }>(
          `SELECT key, subject FROM approval WHERE run_id = $1 AND status = 'pending'`,
          [id],
        ),
      );
    await until(async () => (await find()).length > 0, 30_000);
    const [asked] = await find();
    return asked!;
  };

  it('that is used up in one shard ends the work of all of them, with what there is', async () => {
    const one: Script = (_, input) => (input === 3 ? refused('calls') : { output: input, afterMs: 50 });
    const { id, handle } = await start(one, numbers(1_100), { calls: 9 }, { ...agent, maxConcurrency: 12 });
    expect(await handle.result()).toBe('budget_exceeded');
    const run = await load(id);
    expect(run).toMatchObject({ terminationReason: 'budget', error: { code: 'agent.budget', path: '/' } });
    const { completed = 0, budget_exceeded: left = 0 } = run.bulk ?? {};
    expect(completed + left).toBe(1_100);
    expect(completed).toBeGreaterThan(0);
    expect(agents.keys.length).toBeLessThan(300);
    expect((await itemsOf(id))[3]).toMatchObject({ status: 'budget_exceeded', terminationReason: 'budget' });
    expect((await itemsOf(id))[199]).toMatchObject({ status: 'budget_exceeded', terminationReason: 'budget' });
  });

  it('leaves an item that failed by itself failed', async () => {
    const some: Script = (_, input) => {
      if (input === 0) return refused('agents');
      return input === 1 ? { fail: 'agent.rejected', afterMs: 400 } : { output: input, afterMs: 400 };
    };
    const { id, handle } = await start(some, numbers(3), { agents: 1, onExceeded: 'degrade' });
    expect(await handle.result()).toBe('partial');
    expect((await itemsOf(id)).map(({ status }) => status)).toEqual(['budget_exceeded', 'failed', 'completed']);
    expect(await load(id)).toMatchObject({ terminationReason: 'budget', degraded: true });
  });

  it('of time cancels what is under way when it is over, and keeps what had ended', async () => {
    const some: Script = (_, input) => ({ output: input, afterMs: (input as number) < 5 ? 0 : 60_000 });
    const { id, handle } = await start(some, numbers(600), { wallClock: 'PT3S' }, { ...agent, maxConcurrency: 50 });
    expect(await handle.result()).toBe('budget_exceeded');
    const run = await load(id);
    expect(run.bulk).toMatchObject({ completed: 5, budget_exceeded: 595 });
    expect(run.error?.message).toMatch(/wallClock/);
    expect(agents.keys.length).toBeLessThan(200);
  });

  it('of rounds and depth holds in each item: one that comes to it ends alone', async () => {
    const chat = {
      pattern: 'groupChat',
      with: { participants: [{ capability: 'a' }], maxRounds: 9, terminateWhen: '.messages[-1].content == "done"' },
    };
    const talk: Script = (call) => ({ output: call.key.startsWith('items/0/') ? 'done' : 'on' });
    const talks = await start(talk, ['x', 'y'], { rounds: 2 }, chat);
    expect(await talks.handle.result()).toBe('partial');
    expect((await itemsOf(talks.id)).map(({ status }) => status)).toEqual(['completed', 'budget_exceeded']);

    const deep = { name: 'in', pattern: 'sequential', with: { steps: [{ name: 'y', capability: 'echo' }] } };
    const nested = { pattern: 'sequential', with: { steps: [deep] } };
    const echo: Script = (_, input) => ({ output: input });
    const { id, handle } = await start(echo, [1], { depth: 1 }, nested);
    expect(await handle.result()).toBe('failed');
    expect((await itemsOf(id))[0]).toMatchObject({ status: 'budget_exceeded', terminationReason: 'budget' });
    expect(agents.keys).toEqual([]);
  });

  it('asks one person for all shards, who may refuse', async () => {
    const one: Script = (_, input) => ((input as number) % 300 === 7 ? refused('calls') : { output: input });
    const budget = { calls: 9, onExceeded: 'approval' };
    const { id, handle } = await start(one, numbers(1_000), budget, { ...agent, maxConcurrency: 40 });
    const { key, subject } = await question(id);
    expect(subject).toMatchObject({ limit: 'calls', limits: { calls: 9 } });
    await until(async () => (await load(id)).status === 'waiting');
    const before = agents.keys.length;
    await handle.signal('approval', { key, decision: 'reject', by: 'ann', comment: 'enough' });
    expect(await handle.result()).toBe('budget_exceeded');
    const run = await load(id);
    expect(run.error?.message).toMatch(/calls; rejected by ann: enough/);
    expect(run.bulk).toMatchObject({ running: 0, accepted: 0, failed: 0 });
    // What was under way when the others heard of it.
    expect(agents.keys.length).toBeLessThanOrEqual(before + 40);
  });

  it('goes on with what a person allows, of time as well, and makes again only what was refused', async () => {
    const once: Script = (call, input) =>
      call.key === 'items/501' ? refused('calls') : { output: input, afterMs: call.key === 'items/2' ? 6_000 : 0 };
    const budget = { calls: 1_000, wallClock: 'PT2S', onExceeded: 'approval' };
    const { id, handle } = await start(once, numbers(502), budget);
    for (const limit of ['calls', 'wallClock'] as const) {
      const { key, subject } = await question(id);
      const isCalls = (subject as { limit: string }).limit === 'calls';
      const data = { inline: isCalls ? { calls: 10 } : { wallClockMs: 60_000 } };
      await handle.signal('approval', { key, decision: 'answer', data, by: limit });
      await until(async () => (await eventsOf(id)).some(({ type }) => type === 'budget.raised'));
      await test.database.inOrg(orgId, (tx) =>
        tx(`UPDATE approval SET status = 'answered' WHERE run_id = $1 AND key = $2`, [id, key]),
      );
    }
    expect(await handle.result()).toBe('completed');
    expect(agents.keys).toContain('items/501/raised/1');
    expect(agents.keys).toHaveLength(503);
    const raised = (await eventsOf(id)).flatMap(({ type, data }) => (type === 'budget.raised' ? [data] : []));
    expect(raised.toSorted((a, b) => (a.limit < b.limit ? -1 : 1))).toEqual([
      { path: '/', limit: 'calls', by: 10 },
      { path: '/', limit: 'wallClock', by: 60_000 },
    ]);
  });

  it('ends with the run that is canceled while a person is asked', async () => {
    const { id, handle } = await start(() => refused('calls'), [1, 2], { calls: 1, onExceeded: 'approval' });
    await question(id);
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect((await load(id)).bulk).toMatchObject({ canceled: 2 });
  });
});
