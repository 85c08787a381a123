import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listApprovalsSchema, type DecideApproval } from '../contracts/approvals.js';
import type { Json } from '../contracts/json.js';
import type { ApprovalClosing, NewApproval } from '../contracts/approval-activities.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun } from '../test/support/runs.js';
import { decideApproval, listApprovals, loadApproval } from './approvals.repository.js';
import { finishRun } from './finish-run.js';
import { closeApproval, openApproval } from './pending-approvals.js';
import { loadRun } from './runs.repository.js';
import { readEvents, RunEventWriter } from './run-events.js';
import { findSteering } from './steering.repository.js';
import { findPendingSteering } from './sweeps.repository.js';
import { uuidv7 } from './uuid.js';

describe('an approval', () => {
  const orgId = uuidv7();
  const ann = { id: 'key-1', name: 'ann' };
  const bob = { id: 'key-2', name: 'bob' };
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test.close());

  const key = 'approvals/steps/pay/before';
  const inOrg: TestDatabase['database']['inOrg'] = (id, work) => test.database.inOrg(id, work);
  const open = (runId: string, more: Partial<NewApproval> = {}) =>
    openApproval(test.database, {
      orgId,
      runId,
      approval: {
        key,
        path: '/steps/pay',
        kind: 'before',
        question: 'Pay?',
        subject: { inline: { amount: 5 } },
        assignees: ['ann'],
        onTimeout: 'reject',
        dueAt: Date.now() + 60_000,
        ...more,
      },
    });
  const close = (runId: string, closing: ApprovalClosing) =>
    closeApproval(test.database, { orgId, runId, key, closing });
  const list = async (filter: object, org = orgId) =>
    (await inOrg(org, (tx) => listApprovals(tx, listApprovalsSchema.parse(filter)))).items;
  const idOf = async (runId: string) => (await list({ run: runId }))[0]!.id;
  const load = (id: string) => inOrg(orgId, (tx) => loadApproval(tx, id));
  const decide = (id: string, decision: DecideApproval, by = ann) =>
    inOrg(orgId, (tx) => decideApproval(tx, id, decision, by));
  const eventsOf = async (runId: string) =>
    (await inOrg(orgId, (tx) => readEvents(tx, runId))).filter(({ type }) => type.startsWith('approval.'));
  const asked = async (more: Partial<NewApproval> = {}) => {
    const runId = await acceptedRun(test.database, orgId);
    expect(await open(runId, more)).toEqual({ status: 'pending' });
    return { runId, id: await idOf(runId) };
  };
  const finish = (runId: string) =>
    finishRun(test.database, {
      orgId,
      runId,
      status: 'completed',
      terminationReason: 'done',
      degraded: false,
      rounds: 0,
      warnings: [],
      output: { inline: null },
      events: [],
    });

  it('is on record with its event, once however often it is opened', async () => {
    const { runId, id } = await asked();
    expect(await open(runId)).toEqual({ status: 'pending' });
    expect(await list({ run: runId })).toHaveLength(1);
    expect(await load(id)).toEqual({
      id,
      runId,
      path: '/steps/pay',
      kind: 'before',
      question: 'Pay?',
      assignees: ['ann'],
      status: 'pending',
      onTimeout: 'reject',
      level: 0,
      openedAt: expect.any(String),
      dueAt: expect.any(String),
      closedAt: null,
      decision: null,
      decidedBy: null,
      comment: null,
      subject: { amount: 5 },
      schema: null,
      data: null,
    });
    expect((await eventsOf(runId)).map(({ type }) => type)).toEqual(['approval.opened']);
  });

  it('is decided with its event and what the workflow is to be told, all at once', async () => {
    const { runId, id } = await asked();
    const decided = await decide(id, { decision: 'approve', comment: 'fine' });
    expect(decided).toMatchObject({ status: 'approved', decision: 'approve', decidedBy: ann, comment: 'fine' });
    expect(await inOrg(orgId, (tx) => findSteering(tx, runId))).toEqual([
      { id: expect.any(String), kind: 'approval', verdict: { key, decision: 'approve', by: 'ann', comment: 'fine' } },
    ]);
    expect((await findPendingSteering(test.database, { olderThanMs: 0 })).map((one) => one.runId)).toContain(runId);
    expect((await eventsOf(runId)).at(-1)).toMatchObject({
      type: 'approval.decided',
      data: { approvalId: id, path: '/steps/pay', decision: 'approve', by: ann, comment: 'fine' },
    });
    expect(await open(runId)).toEqual({
      status: 'approved',
      verdict: { key, decision: 'approve', by: 'ann', comment: 'fine' },
    });
  });

  it('is decided by exactly one of many who come at once, and the others are told by whom', async () => {
    const { runId, id } = await asked();
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        decide(id, { decision: index % 2 ? 'approve' : 'reject' }, { id: `key-${index}`, name: `p${index}` }),
      ),
    );
    const won = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const lost = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error & { code: string }] : []));
    expect([won.length, lost.length]).toEqual([1, 7]);
    for (const { code, message } of lost) {
      expect(code).toBe('approval.closed');
      expect(message).toContain(`${won[0]!.status} by ${won[0]!.decidedBy!.name}`);
    }
    expect(await inOrg(orgId, (tx) => findSteering(tx, runId))).toHaveLength(1);
  });

  it('is either decided or expired when both come at once, and both sides say the same', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { runId, id } = await asked();
      const [decided, state] = await Promise.all([
        decide(id, { decision: 'approve' }).catch((error: { code: string }) => error.code),
        close(runId, { kind: 'expire', outcome: 'reject' }),
      ]);
      const { status } = await load(id);
      expect(state.status).toBe(status);
      expect(decided).toEqual(status === 'expired' ? 'approval.closed' : expect.objectContaining({ status }));
      expect((await eventsOf(runId)).map(({ type }) => type)).toEqual([
        'approval.opened',
        status === 'expired' ? 'approval.expired' : 'approval.decided',
      ]);
    }
  });

  it('keeps an answer of any size, and gives it to the workflow as a reference when it is large', async () => {
    const small = await asked();
    expect((await decide(small.id, { decision: 'answer', data: null })).data).toBeNull();
    expect(await close(small.runId, { kind: 'withdraw' })).toMatchObject({
      status: 'answered',
      verdict: { decision: 'answer', data: { inline: null } },
    });
    const large = await asked({ subject: { inline: 'y'.repeat(40_000) } });
    const data: Json = ['x'.repeat(40_000)];
    expect(await decide(large.id, { decision: 'answer', data })).toMatchObject({ data, subject: 'y'.repeat(40_000) });
    const { verdict } = await close(large.runId, { kind: 'expire', outcome: 'reject' });
    expect(verdict?.data).toEqual({ ref: expect.any(String), bytes: 40_004, length: 1 });
  });

  it('goes to further assignees once for each level, however often that is repeated', async () => {
    const { runId, id } = await asked({ onTimeout: 'escalate' });
    const dueAt = Date.now() + 90_000;
    const closing: ApprovalClosing = {
      kind: 'escalate',
      level: 1,
      assignees: ['ann', 'bob'],
      onTimeout: 'reject',
      dueAt,
    };
    expect(await close(runId, closing)).toEqual({ status: 'pending' });
    expect(await close(runId, closing)).toEqual({ status: 'pending' });
    expect(await load(id)).toMatchObject({
      status: 'pending',
      level: 1,
      assignees: ['ann', 'bob'],
      onTimeout: 'reject',
      dueAt: new Date(dueAt).toISOString(),
    });
    expect((await eventsOf(runId)).slice(1)).toMatchObject([
      { type: 'approval.expired', data: { outcome: 'escalate', assignees: ['ann', 'bob'] } },
    ]);
    await decide(id, { decision: 'approve' }, bob);
    expect((await close(runId, { kind: 'expire', outcome: 'reject' })).status).toBe('approved');
  });

  it('expires with what its time says', async () => {
    const { runId, id } = await asked();
    const expired = { status: 'expired', verdict: { key, decision: 'approve', by: null } };
    expect(await close(runId, { kind: 'expire', outcome: 'approve' })).toEqual(expired);
    expect(await close(runId, { kind: 'expire', outcome: 'approve' })).toEqual(expired);
    expect(await load(id)).toMatchObject({ status: 'expired', decision: 'approve', decidedBy: null });
    await expect(decide(id, { decision: 'approve' })).rejects.toMatchObject({ code: 'approval.closed' });
  });

  it('is withdrawn with its run’s end, and in an ended run nothing is asked', async () => {
    const { runId, id } = await asked();
    await finish(runId);
    expect(await load(id)).toMatchObject({ status: 'withdrawn', closedAt: expect.any(String) });
    await expect(decide(id, { decision: 'approve' })).rejects.toMatchObject({ code: 'approval.closed' });
    expect(await open(runId, { key: 'approvals/other' })).toEqual({ status: 'withdrawn' });
    expect(await close(runId, { kind: 'withdraw' })).toEqual({ status: 'withdrawn' });
    expect(await list({ run: runId })).toHaveLength(1);
  });

  it('makes its run wait, and go on', async () => {
    const { runId } = await asked();
    const events = new RunEventWriter(test.database);
    const statusOf = async () => (await inOrg(orgId, (tx) => loadRun(tx, runId))).status;
    await events.append(orgId, runId, [{ key: 'wait/1', type: 'run.waiting', data: {} }]);
    expect(await statusOf()).toBe('waiting');
    await events.append(orgId, runId, [{ key: 'wait/1/over', type: 'run.resumed', data: {} }]);
    expect(await statusOf()).toBe('running');
  });

  it('is found by status, assignee and run, page by page, in its own organisation only', async () => {
    const other = uuidv7();
    const one = await asked({ assignees: ['carol'] });
    const two = await asked({ assignees: ['carol', 'dave'] });
    await decide(one.id, { decision: 'reject' });
    const ids = async (filter: object, org = orgId) => (await list(filter, org)).map(({ id }) => id);
    expect(await ids({ assignee: 'carol' })).toEqual([two.id, one.id]);
    expect(await ids({ assignee: 'carol', status: 'pending' })).toEqual([two.id]);
    expect(await ids({ assignee: 'carol', status: 'rejected' })).toEqual([one.id]);
    expect(await ids({ run: one.runId })).toEqual([one.id]);
    expect(await ids({ assignee: 'carol' }, other)).toEqual([]);
    const page = await inOrg(orgId, (tx) => listApprovals(tx, { assignee: 'carol', limit: 1 }));
    expect(page.items.map(({ id }) => id)).toEqual([two.id]);
    expect(await ids({ assignee: 'carol', cursor: page.nextCursor })).toEqual([one.id]);
    await expect(inOrg(other, (tx) => loadApproval(tx, one.id))).rejects.toMatchObject({ code: 'approval.not_found' });
    await expect(inOrg(other, (tx) => decideApproval(tx, two.id, { decision: 'approve' }, ann))).rejects.toMatchObject({
      code: 'approval.not_found',
    });
  });
});
