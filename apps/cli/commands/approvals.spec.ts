import { describe, expect, it } from '@jest/globals';
import type { Approval } from '../../../contracts/approvals.js';
import { approvalDetail, approvalsTable } from './approvals.js';

const approval: Approval = {
  id: 'a-1',
  runId: 'r-1',
  path: '/steps/pay',
  kind: 'before',
  question: 'Pay 5?',
  assignees: [],
  status: 'pending',
  onTimeout: 'reject',
  level: 0,
  openedAt: new Date().toISOString(),
  dueAt: '2026-11-22T16:30:00.000Z',
  closedAt: null,
  decision: null,
  decidedBy: null,
  comment: null,
  subject: { amount: 5 },
  schema: null,
  data: null,
};

describe('approvals', () => {
  it('are a table of who is asked what, and where there is more', () => {
    const text = approvalsTable({ items: [approval, { ...approval, assignees: ['ann', 'bob'] }], nextCursor: 'c' });
    expect(text).toMatch(/^APPROVAL +STATUS +PATH +QUESTION +ASSIGNEES/);
    expect(text).toMatch(/a-1 +pending +\/steps\/pay +Pay 5\? +anyone/);
    expect(text).toMatch(/ann, bob[^]*More with --cursor c$/);
    expect(approvalsTable({ items: [], nextCursor: null })).toBe('No approvals.');
  });

  it('show what they are about', () => {
    const text = approvalDetail(approval);
    expect(text).toMatch(/^for {7}anyone who may decide approvals$/m);
    expect(text).toMatch(/^due {7}2026-11-22T16:30:00.000Z, then reject$/m);
    expect(text).toMatch(/\n\nabout\n\{\n {2}"amount": 5\n\}$/);
  });

  it('show who decided what, or that time did', () => {
    const by = { id: 'k', name: 'ann' };
    const decided = { status: 'answered', decision: 'answer', decidedBy: by, comment: 'less', data: 4 } as const;
    const text = approvalDetail({ ...approval, ...decided });
    expect(text).toMatch(/^decision {2}answer by ann$/m);
    expect(text).toMatch(/^comment {3}less$/m);
    expect(text).toMatch(/\n\ndata\n4$/);
    expect(approvalDetail({ ...approval, status: 'expired', decision: 'approve' })).toMatch(
      /^decision {2}approve by time$/m,
    );
  });
});
