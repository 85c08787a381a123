import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import request from 'supertest';
import { runWorkflowId } from '../../contracts/run-workflow.js';
import { finishRun } from '../../database/finish-run.js';
import { findSteering, requestSteering } from '../../database/steering.repository.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { until } from '../support/until.js';

/** No worker serves the queue: what the engine holds is exactly what the API has told it. */
describe('the API tells the engine', () => {
  let api: TestApi;
  let connection: Connection;
  let client: Client;
  beforeAll(async () => {
    const address = process.env.BRIKK_TEST_TEMPORAL_ADDRESS!;
    api = await startTestApi({ temporal: { connection: { address }, namespace: 'brikk' } });
    connection = await Connection.connect({ address });
    client = new Client({ connection, namespace: 'brikk' });
  }, 60_000);
  afterAll(async () => {
    await connection?.close();
    await api?.close();
  }, 20_000);

  const post = async (path: string, body?: object) => {
    const sent = request(api.app.getHttpServer()).post(path).set('authorization', `Bearer ${api.key}`);
    return (await sent.send(body).expect(202)).body as { id: string; status: string };
  };
  const handleOf = (runId: string) => client.workflow.getHandle(runWorkflowId({ orgId: api.orgId, runId }));
  const pendingOf = (runId: string) => api.database.inOrg(api.orgId, (tx) => findSteering(tx, runId));
  const historyOf = async (runId: string) => (await handleOf(runId).fetchHistory()).events ?? [];
  const signalsOf = async (runId: string) =>
    (await historyOf(runId)).flatMap(
      ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName ?? [],
    );
  const begun = async (more: object = {}) => {
    const { id } = await post('/v1/runs', { pattern: 'agent', with: { capability: 'a' }, ...more });
    await until(
      async () =>
        (await handleOf(id)
          .describe()
          .catch(() => undefined)) !== undefined,
    );
    return id;
  };
  const delivered = (runId: string) => until(async () => (await pendingOf(runId)).length === 0);

  it('the priority of a run, and who it belongs to', async () => {
    const id = await begun({ priority: 'critical' });
    const { priority, taskQueue } = await handleOf(id).describe();
    expect({ priority, taskQueue }).toMatchObject({
      priority: { priorityKey: 1, fairnessKey: api.orgId },
      taskQueue: 'brikk-core',
    });
    await handleOf(id).terminate();
  });

  it('a pause, before whoever asked for it is answered', async () => {
    const id = await begun();
    await post(`/v1/runs/${id}/pause`);
    expect(await signalsOf(id)).toEqual(['pause']);
    await handleOf(id).terminate();
  });

  it('what was asked in quick succession in its order', async () => {
    const id = await begun();
    for (const what of ['pause', 'signals/note', 'resume', 'pause', 'resume']) await post(`/v1/runs/${id}/${what}`);
    await delivered(id);
    expect(await signalsOf(id)).toEqual(['pause', 'signal', 'resume', 'pause', 'resume']);
    await handleOf(id).terminate();
  });

  it('what an earlier delivery left behind before what came after', async () => {
    const id = await begun();
    await api.database.inOrg(api.orgId, (tx) => requestSteering(tx, id, 'pause'));
    await post(`/v1/runs/${id}/resume`);
    await delivered(id);
    expect(await signalsOf(id)).toEqual(['pause', 'resume']);
    await handleOf(id).terminate();
  });

  it('a cancel once, however often it is asked', async () => {
    const id = await begun();
    for (let time = 0; time < 3; time += 1) await post(`/v1/runs/${id}/cancel`);
    await delivered(id);
    const asked = (await historyOf(id)).filter(({ workflowExecutionCancelRequestedEventAttributes: event }) => event);
    expect(asked).toHaveLength(1);
    await handleOf(id).terminate();
  });

  it('nothing, but asks how it is', async () => {
    const get = (path: string) => request(api.app.getHttpServer()).get(path).set('authorization', `Bearer ${api.key}`);
    expect((await get('/health/ready')).body).toEqual({
      status: 'ready',
      parts: { postgres: 'up', temporal: 'up' },
    });
    // The engine still knows, for minutes, who served a queue before.
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace: 'brikk',
      taskQueue: { name: 'brikk-core' },
      taskQueueType: 2,
    });
    const workers = (pollers ?? []).map(({ identity }) => expect.objectContaining({ identity }));
    expect((await get('/v1/stats')).body).toMatchObject({ queues: [{ name: 'brikk-core', workers }] });
  });

  it('nothing of a run that has ended', async () => {
    const id = await begun();
    await finishRun(api.database, {
      orgId: api.orgId,
      runId: id,
      status: 'completed',
      terminationReason: 'done',
      output: { inline: null },
      events: [],
      degraded: false,
      rounds: 0,
      warnings: [],
    });
    for (const what of ['pause', 'resume', 'cancel', 'signals/note']) {
      const answer = await request(api.app.getHttpServer())
        .post(`/v1/runs/${id}/${what}`)
        .set('authorization', `Bearer ${api.key}`);
      expect(answer.body).toMatchObject({
        status: 409,
        code: 'run.finished',
        detail: expect.stringMatching(/has ended completed/),
      });
    }
    expect(await signalsOf(id)).toEqual([]);
    await handleOf(id).terminate();
  });
});
