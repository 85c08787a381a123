import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DecideApproval } from '../contracts/approvals.js';
import type { NewApproval } from '../contracts/approval-activities.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun } from '../test/support/runs.js';
import { decideApproval, listApprovals } from './approvals.repository.js';
import { copyApprovals } from './copy-approvals.js';
import { closeApproval, openApproval } from './pending-approvals.js';
import { readEvents } from './run-events.js';
import { uuidv7 } from './uuid.js';

describe('the approvals of a rerun', () => {
  const orgId = uuidv7();
  const ann = { id: 'key-1', name: 'ann' };
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test.close());

  const keyOf = (step: string, kind = 'before') => `approvals/steps/${step}/${kind}`;
  const open = (runId: string, step: string, kind: NewApproval['kind'] = 'before') => {
    const about = { key: keyOf(step, kind), path: `/steps/${step}`, kind, question: 'Pay?', subject: { inline: 5 } };
    const terms = { assignees: ['ann'], onTimeout: 'reject' as const, dueAt: Date.now() + 60_000 };
    return openApproval(test.database, { orgId, runId, approval: { ...about, ...terms } });
  };
  const decided = async (runId: string, step: string, decision: DecideApproval, kind?: NewApproval['kind']) => {
    await open(runId, step, kind);
    await test.database.inOrg(orgId, async (tx) => {
      const { items } = await listApprovals(tx, { run: runId, status: 'pending', limit: 1 });
      await decideApproval(tx, items[0]!.id, decision, ann);
    });
  };
  const copy = (fromRunId: string, toRunId: string, org = orgId) =>
    test.database.inOrg(org, (tx) =>
      copyApprovals(tx, { fromRunId, toRunId, keys: (_, path) => path !== '/steps/later' }),
    );

  it('are those decided about what is kept, by persons and by time: nobody is asked again', async () => {
    const [from, to] = [await acceptedRun(test.database, orgId), await acceptedRun(test.database, orgId)];
    await decided(from, 'one', { decision: 'approve', comment: 'go' });
    await decided(from, 'two', { decision: 'answer', data: { amount: 4 } });
    await open(from, 'three');
    const closing = { kind: 'expire', outcome: 'approve' } as const;
    await closeApproval(test.database, { orgId, runId: from, key: keyOf('three'), closing });
    await open(from, 'pending');
    await decided(from, 'one', { decision: 'approve' }, 'budget');
    await decided(from, 'later', { decision: 'approve' });

    expect([await copy(from, to), await copy(from, to)]).toEqual([3, 0]);
    expect(await open(to, 'one')).toMatchObject({ verdict: { decision: 'approve', by: 'ann', comment: 'go' } });
    expect(await open(to, 'two')).toMatchObject({ verdict: { decision: 'answer', data: { inline: { amount: 4 } } } });
    expect(await open(to, 'three')).toMatchObject({ status: 'expired', verdict: { decision: 'approve', by: null } });
    expect([await open(to, 'pending'), await open(to, 'later'), await open(to, 'one', 'budget')]).toEqual([
      { status: 'pending' },
      { status: 'pending' },
      { status: 'pending' },
    ]);
    const events = await test.database.inOrg(orgId, (tx) => readEvents(tx, to));
    expect(events.slice(1, 7).map(({ type }) => type)).toEqual([
      'approval.opened',
      'approval.decided',
      'approval.opened',
      'approval.decided',
      'approval.opened',
      'approval.expired',
    ]);
  });

  it('take nothing of another organisation', async () => {
    const [from, to] = [await acceptedRun(test.database, orgId), await acceptedRun(test.database, orgId)];
    await decided(from, 'one', { decision: 'approve' });
    expect(await copy(from, to, uuidv7())).toBe(0);
  });
});
