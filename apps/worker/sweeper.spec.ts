import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { createRunActivities } from '../../activities/run.activities.js';
import { CORE_QUEUE, runWorkflowId } from '../../contracts/run-workflow.js';
import { decideApproval } from '../../database/approvals.repository.js';
import { finishRun } from '../../database/finish-run.js';
import { loadRun } from '../../database/runs.repository.js';
import { Journal } from '../../database/journal.js';
import { readEvents, RunEventWriter } from '../../database/run-events.js';
import type { SteeringKind } from '../../database/steering-request.js';
import { findSteering, requestSteering } from '../../database/steering.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { acceptedBulk } from '../../test/support/bulks.js';
import { askedApproval } from '../../test/support/asked-approval.js';
import { asOwner, type TestDatabase, withDatabase } from '../../test/support/postgres.js';
import { acceptedRun } from '../../test/support/runs.js';
import { ScriptedAgents } from '../../test/support/scripted-agents.js';
import { until } from '../../test/support/until.js';
import { agentRegistry, budgets, payloads, sweptRecord } from './record.js';
import { pendingCalls } from './callbacks.js';
import { sharedMemory } from './shared-memory.js';
import { Sweeper } from './sweeper.js';
import { keyless } from '../../test/support/vaults.js';

/** But in one test no worker serves the queue: what the engine holds is exactly what the sweeper has told it. */
describe('the sweeper', () => {
  const orgId = uuidv7();
  const lines: { level: number; part?: string; msg: string }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  let test: TestDatabase;
  let connection: Connection;
  let client: Client;
  let sweeper: Sweeper;

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
    test = await withDatabase();
    connection = await Connection.connect({ address: process.env.BRIKK_TEST_TEMPORAL_ADDRESS });
    client = new Client({ connection, namespace: 'brikk' });
    sweeper = new Sweeper(sweptRecord(test.database, keyless), client, log);
  }, 90_000);
  afterEach(async () => {
    lines.length = 0;
    const { rows } = await asOwner(test.ownerUrl, (owner) => owner.query<{ id: string }>('SELECT id FROM run'));
    for (const { id } of rows)
      await handleOf(id)
        .terminate()
        .catch(() => undefined); // It may have ended, or never begun.
    await asOwner(test.ownerUrl, (owner) =>
      owner.query('UPDATE run SET finished_at = now() WHERE finished_at IS NULL'),
    );
  });
  afterAll(async () => {
    await connection?.close();
    await test?.close();
  });

  const handleOf = (runId: string) => client.workflow.getHandle(runWorkflowId({ orgId, runId }));
  const statusOf = async (runId: string) => (await handleOf(runId).describe()).status.name;
  const load = (runId: string) => test.database.inOrg(orgId, (tx) => loadRun(tx, runId));
  const pendingOf = (runId: string) => test.database.inOrg(orgId, (tx) => findSteering(tx, runId));
  const steer = (runId: string, kind: SteeringKind, signal?: { name: string; data: string }) =>
    test.database.inOrg(orgId, (tx) => requestSteering(tx, runId, kind, signal));
  const eventTypes = async (runId: string) =>
    (await test.database.inOrg(orgId, (tx) => readEvents(tx, runId, { limit: 100 }))).map(({ type }) => type);
  /** Lets a minute pass for the record. */
  const age = (runId: string) =>
    asOwner(test.ownerUrl, (owner) =>
      owner.query(
        `UPDATE run SET accepted_at = accepted_at - interval '1 min', next_check_at = now() - interval '1 s',
           steering_requested_at = steering_requested_at - interval '1 min' WHERE id = $1`,
        [runId],
      ),
    );
  const agedRun = async () => {
    const runId = await acceptedRun(test.database, orgId);
    await age(runId);
    return runId;
  };
  const startedRun = async () => {
    const runId = await agedRun();
    await sweeper.sweep();
    expect(await statusOf(runId)).toBe('RUNNING');
    return runId;
  };
  const signalsOf = async (runId: string) => {
    const { events } = await handleOf(runId).fetchHistory();
    return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName ?? []);
  };

  /** A worker with the real activities of a run, and an agent that nobody should ask. */
  const whileWorking = async (work: () => Promise<unknown>) => {
    const native = await NativeConnection.connect({ address: process.env.BRIKK_TEST_TEMPORAL_ADDRESS });
    const { database } = test;
    const runActivities = createRunActivities({
      events: new RunEventWriter(database),
      journal: new Journal(database),
      payloads: payloads(database),
      pending: pendingCalls(database),
      registry: agentRegistry(database),
      memory: sharedMemory(database),
      budgets: budgets(database),
      findSimilarPlans: () => Promise.resolve([]),
      finishRun: (end) => finishRun(database, end),
    });
    const worker = await Worker.create({
      connection: native,
      namespace: 'brikk',
      taskQueue: CORE_QUEUE,
      workflowBundle: { codePath: process.env.BRIKK_TEST_WORKFLOW_BUNDLE ?? '' },
      activities: { ...new ScriptedAgents(() => ({ fail: 'agent.failed' })).activities(), ...runActivities },
      sinks: { agents: { expect: { fn: () => undefined } } },
    });
    await worker.runUntil(work);
    await native.close();
  };

  it('starts the workflow of an accepted run that has none', async () => {
    const runId = await agedRun();
    await sweeper.sweep();
    const { type, taskQueue, status } = await handleOf(runId).describe();
    expect({ type, taskQueue, status: status.name }).toEqual({
      type: 'agent',
      taskQueue: CORE_QUEUE,
      status: 'RUNNING',
    });
  });

  it('sweeps by itself once it is started, until it is stopped', async () => {
    const runId = await agedRun();
    const own = new Sweeper(sweptRecord(test.database, keyless), client, log);
    own.start();
    await until(() => lines.some(({ msg }) => /was started/.test(msg)));
    await own.stop();
    expect(await statusOf(runId)).toBe('RUNNING');
  }, 20_000);

  it('leaves a run alone that has just been accepted', async () => {
    const runId = await acceptedRun(test.database, orgId);
    await sweeper.sweep();
    await expect(handleOf(runId).describe()).rejects.toThrow(/not found/i);
  });

  it('starts one workflow when several workers sweep at once', async () => {
    const runId = await agedRun();
    const others = [1, 2].map(() => new Sweeper(sweptRecord(test.database, keyless), client, log));
    await Promise.all([sweeper, ...others].map((one) => one.sweep()));
    expect(await statusOf(runId)).toBe('RUNNING');
    expect(lines.filter(({ msg }) => /was started/.test(msg))).toHaveLength(1);
  });

  it('leaves a run with a running workflow as it is', async () => {
    const runId = await startedRun();
    await age(runId);
    await sweeper.sweep();
    expect(await load(runId)).toMatchObject({ status: 'accepted', finishedAt: null });
  });

  it('finishes a run whose workflow was terminated, once', async () => {
    const runId = await startedRun();
    await handleOf(runId).terminate('by an operator');
    await age(runId);
    await sweeper.sweep();
    await sweeper.sweep();
    expect(await load(runId)).toMatchObject({
      status: 'canceled',
      terminationReason: 'canceled',
      output: null,
      error: { code: 'internal', message: expect.stringMatching(/ended terminated/) },
    });
    expect(await eventTypes(runId)).toEqual(['run.accepted', 'run.finished']);
  });

  it('starts a bulk run that has no workflow, and closes its items when that was terminated', async () => {
    const { runId, shards } = await acceptedBulk(test.database, orgId, [1, 2]);
    await age(runId);
    await sweeper.sweep();
    expect(await statusOf(runId)).toBe('RUNNING');
    await handleOf(runId).terminate();
    await age(runId);
    await sweeper.sweep();
    expect(await load(runId)).toMatchObject({ status: 'canceled', bulk: { total: 2, canceled: 2 } });
    expect(await load(shards[0]!.runId)).toMatchObject({ status: 'canceled' });
  });

  it('ends a run canceled that was canceled before it began', async () => {
    const runId = await acceptedRun(test.database, orgId);
    await steer(runId, 'cancel');
    await age(runId);
    await sweeper.sweep(); // It may find the run without a workflow: then the request waits for the next pass.
    await sweeper.sweep();
    expect(await pendingOf(runId)).toEqual([]);
    const { events } = await handleOf(runId).fetchHistory();
    expect(events?.some(({ workflowExecutionCancelRequestedEventAttributes: asked }) => asked)).toBe(true);

    await whileWorking(() => handleOf(runId).result());
    expect(await load(runId)).toMatchObject({ status: 'canceled', terminationReason: 'canceled', contributions: [] });
    expect(await eventTypes(runId)).toEqual(expect.arrayContaining(['run.cancel_requested', 'run.finished']));
  }, 60_000);

  it('delivers steering in the order in which it was asked, once', async () => {
    const runId = await startedRun();
    await steer(runId, 'pause');
    await steer(runId, 'signal', { name: 'approve', data: 'yes' });
    await steer(runId, 'resume');
    await age(runId);
    await sweeper.sweep();
    await sweeper.sweep();
    expect(await signalsOf(runId)).toEqual(['pause', 'signal', 'resume']);
    expect(await pendingOf(runId)).toEqual([]);
  });

  it('tells the workflow what a person decided while the engine was away', async () => {
    const runId = await startedRun();
    const id = await askedApproval(test.database, orgId, runId);
    const by = { id: 'key', name: 'ann' };
    await test.database.inOrg(orgId, (tx) => decideApproval(tx, id, { decision: 'approve' }, by));
    await age(runId);
    await sweeper.sweep();
    await sweeper.sweep();
    expect(await signalsOf(runId)).toEqual(['approval']);
    expect(await pendingOf(runId)).toEqual([]);
  });

  it('leaves steering to whoever asked while it is fresh', async () => {
    const runId = await startedRun();
    await steer(runId, 'pause');
    await sweeper.sweep();
    expect(await signalsOf(runId)).toEqual([]);
    expect(await pendingOf(runId)).toHaveLength(1);
  });

  it('says once that a part fails, goes on with the others, and says when it works again', async () => {
    const runId = await agedRun();
    const record = sweptRecord(test.database, keyless);
    let isAway = true;
    const flaky = new Sweeper(
      { ...record, sweepLeases: () => (isAway ? Promise.reject(new Error('away')) : record.sweepLeases()) },
      client,
      log,
    );
    await flaky.sweep();
    await flaky.sweep();
    expect(await statusOf(runId)).toBe('RUNNING');
    isAway = false;
    await flaky.sweep();
    const said = lines.filter(({ part }) => part === 'leases').map(({ level }) => level);
    expect(said).toEqual([pino.levels.values['warn'], pino.levels.values['info']]);
  });

  it('does not put runs off while the engine is away', async () => {
    const runId = await agedRun();
    const nowhere = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
    await new Sweeper(
      sweptRecord(test.database, keyless),
      new Client({ connection: nowhere, namespace: 'brikk' }),
      log,
    ).sweep();
    await nowhere.close();
    await sweeper.sweep();
    expect(await statusOf(runId)).toBe('RUNNING');
  }, 30_000);
});
