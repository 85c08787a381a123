import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import request from 'supertest';
import type { Approval } from '../../contracts/approvals.js';
import type { NewApproval } from '../../contracts/approval-activities.js';
import { runWorkflowId } from '../../contracts/run-workflow.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { findSteering } from '../../database/steering.repository.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { askedApproval } from '../support/asked-approval.js';
import { acceptedRun } from '../support/runs.js';
import { until } from '../support/until.js';

interface Answer {
  status: number;
  body: Approval & { code: string; detail: string; errors: { path: string; message: string }[]; items: Approval[] };
}

/** No worker serves the queue: what the engine holds is exactly what the API has told it. */
describe('approvals over the API', () => {
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

  const send = (method: 'get' | 'post', path: string, body?: object, key = api.key, headers: object = {}) => {
    const sent = request(api.app.getHttpServer())
      [method](path)
      .set({ authorization: `Bearer ${key}`, ...headers });
    return (body === undefined ? sent : sent.send(body)) as unknown as Promise<Answer>;
  };
  const decide = (id: string, body: object, key?: string, headers?: object) =>
    send('post', `/v1/approvals/${id}`, body, key, headers);
  const asked = async (more: Partial<NewApproval> = {}) => {
    const runId = await acceptedRun(api.database, api.orgId);
    return { runId, id: await askedApproval(api.database, api.orgId, runId, more) };
  };
  const audited = async () =>
    (await send('get', '/v1/audit?limit=200')).body.items as unknown as {
      action: string;
      outcome: string;
      target: string;
    }[];

  it('shows what waits for somebody, and what it is about', async () => {
    const { id, runId } = await asked({ assignees: ['finance'] });
    const { body } = await send('get', '/v1/approvals?status=pending&assignee=finance');
    expect(body.items).toMatchObject([{ id, runId, question: 'Pay?', status: 'pending' }]);
    expect(body.items[0]).not.toHaveProperty('subject');
    expect((await send('get', `/v1/approvals/${id}`)).body).toMatchObject({ id, subject: { amount: 5 } });
    expect((await send('get', '/v1/approvals?assignee=nobody')).body.items).toEqual([]);
  });

  it('stores a decision with its audit entry and tells the workflow', async () => {
    const { body: run } = await send('post', '/v1/runs', { pattern: 'agent', with: { capability: 'a' } });
    const handle = client.workflow.getHandle(runWorkflowId({ orgId: api.orgId, runId: run.id }));
    await until(() =>
      handle.describe().then(
        () => true,
        () => false,
      ),
    );
    const id = await askedApproval(api.database, api.orgId, run.id);
    const { status, body } = await decide(id, { decision: 'approve', comment: 'fine' });
    expect([status, body.status, body.decidedBy?.name, body.comment]).toEqual([200, 'approved', 'test', 'fine']);
    await until(async () => (await api.database.inOrg(api.orgId, (tx) => findSteering(tx, run.id))).length === 0);
    const { events } = await handle.fetchHistory();
    const signals = (events ?? []).flatMap(
      ({ workflowExecutionSignaledEventAttributes: told }) => told?.signalName ?? [],
    );
    expect(signals).toEqual(['approval']);
    expect((await audited()).filter(({ target }) => target === id)).toMatchObject([
      { action: 'approval.approved', outcome: 'ok' },
    ]);
    await handle.terminate();
  });

  it('lets one of two people win, and tells the other who did; a repeat of the first is no second decision', async () => {
    const { id } = await asked();
    const bob = await api.makeKey({ role: 'operator', name: 'bob' });
    const ann = await api.makeKey({ role: 'operator', name: 'ann' });
    const say = { ann: { decision: 'approve' }, bob: { decision: 'reject' } };
    const answers = await Promise.all([
      decide(id, say.ann, ann, { 'idempotency-key': 'a' }),
      decide(id, say.bob, bob, { 'idempotency-key': 'b' }),
    ]);
    const [won, lost] = answers.toSorted((one, other) => one.status - other.status) as [Answer, Answer];
    expect([won.status, lost.status, lost.body.code]).toEqual([200, 409, 'approval.closed']);
    const winner = won.body.decidedBy?.name as 'ann' | 'bob';
    expect(lost.body.detail).toContain(`was ${won.body.status} by ${winner}`);
    const key = winner === 'ann' ? ann : bob;
    const again = await decide(id, say[winner], key, { 'idempotency-key': winner[0] });
    expect([again.status, again.body]).toEqual([200, won.body]);
    expect((await decide(id, say[winner], key)).status).toBe(409);
  });

  it('lets assignees decide, owners and admins in their stead, and nobody else', async () => {
    const keys = {
      finance: await api.makeKey({ role: 'operator', name: 'finance' }),
      other: await api.makeKey({ role: 'operator', name: 'other' }),
      viewer: await api.makeKey({ role: 'viewer', name: 'finance' }),
      agent: await api.makeKey({ role: 'owner', name: 'finance', scopes: ['agent:self'] }),
      admin: await api.makeKey({ role: 'admin', name: 'boss' }),
    };
    const { id } = await asked({ assignees: ['finance'] });
    for (const who of ['other', 'viewer', 'agent'] as const) {
      const { status, body } = await decide(id, { decision: 'approve' }, keys[who]);
      expect([who, status, body.code]).toEqual([who, 403, 'auth.forbidden']);
    }
    const denied = (await audited()).filter(({ target }) => target === `POST /v1/approvals/${id}`);
    expect(denied).toMatchObject([{ action: 'access.denied', outcome: 'denied' }]);
    expect((await decide(id, { decision: 'approve' }, keys.finance)).status).toBe(200);
    const second = await asked({ assignees: ['finance'] });
    expect((await decide(second.id, { decision: 'reject' }, keys.admin)).status).toBe(200);
  });

  it('checks an answer against the schema that the approval states', async () => {
    const schema = { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] };
    const { id } = await asked({ schema });
    const wrong = await decide(id, { decision: 'answer', data: { amount: 'five' } });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'request.invalid']);
    expect(wrong.body.errors).toEqual([{ path: 'data.amount', message: 'must be number' }]);
    expect((await decide(id, { decision: 'answer', data: 5 })).body.errors[0]?.path).toBe('data');
    const right = await decide(id, { decision: 'answer', data: { amount: 5 } });
    expect([right.status, right.body.status, right.body.data]).toEqual([200, 'answered', { amount: 5 }]);
  });

  it('knows nothing of those of another organisation', async () => {
    const { id: orgId } = await api.database.outsideOrgs((tx) => createOrganisation(tx, 'others'));
    const key = await api.makeKey({ orgId, role: 'owner' });
    const { id } = await asked();
    for (const sent of [send('get', `/v1/approvals/${id}`, undefined, key), decide(id, { decision: 'approve' }, key)])
      expect(await sent).toMatchObject({ status: 404, body: { code: 'approval.not_found' } });
    expect((await send('get', '/v1/approvals', undefined, key)).body.items).toEqual([]);
  });
});
