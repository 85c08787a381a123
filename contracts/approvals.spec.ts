import { describe, expect, it } from '@jest/globals';
import { approvalGateSchema, decideApprovalSchema } from './approvals.js';
import { PATTERN_PARAMS } from './patterns.js';

const refused = (gate: object) =>
  approvalGateSchema.safeParse(gate).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('an approval', () => {
  it('stands a day and is rejected then, unless it says otherwise', () => {
    expect(approvalGateSchema.parse({ before: true })).toEqual({
      before: true,
      dueMs: 86_400_000,
      onTimeout: 'reject',
    });
    const escalateTo = [{ assignees: ['boss'] }, { assignees: ['board'], due: 'PT1M' }];
    expect(approvalGateSchema.parse({ after: true, due: 'PT1H', onTimeout: 'escalate', escalateTo })).toEqual({
      after: true,
      dueMs: 3_600_000,
      onTimeout: 'escalate',
      escalateTo: [
        { assignees: ['boss'], dueMs: 3_600_000 },
        { assignees: ['board'], dueMs: 60_000 },
      ],
    });
  });

  it('needs a place to stand, and whom to escalate to where it does, and only there', () => {
    expect(refused({})).toEqual(['before']);
    expect(refused({ before: false, after: false })).toEqual(['before']);
    expect(refused({ before: true, onTimeout: 'escalate' })).toEqual(['escalateTo']);
    expect(refused({ before: true, escalateTo: [{ assignees: ['a'] }] })).toEqual(['escalateTo']);
    expect(refused({ before: true, assignees: [] })).toEqual(['assignees']);
    expect(refused({ before: true, due: 'never' })).toEqual(['due']);
  });

  it('on failure is what onFailure: approval stands for, over what the task says of its own', () => {
    const agent = PATTERN_PARAMS.agent;
    expect(agent.parse({ capability: 'a', onFailure: 'approval' })).toEqual({
      capability: 'a',
      onFailure: 'fail',
      approval: { onFailure: true, dueMs: 86_400_000, onTimeout: 'reject' },
    });
    const own = { before: true, due: 'PT1H', assignees: ['ann'] };
    const steps = [{ name: 's', capability: 'a', approval: own }];
    expect(PATTERN_PARAMS.sequential.parse({ steps, onFailure: 'approval' })).toMatchObject({
      onFailure: 'fail',
      steps: [{ approval: { before: true, onFailure: true, dueMs: 3_600_000, assignees: ['ann'] } }],
    });
  });
});

describe('a decision', () => {
  it('has data when it is an answer, and only then', () => {
    const isFine = (decision: object) => decideApprovalSchema.safeParse(decision).success;
    expect(isFine({ decision: 'approve', comment: 'fine' })).toBe(true);
    expect(isFine({ decision: 'answer', data: null })).toBe(true);
    expect(isFine({ decision: 'answer' })).toBe(false);
    expect(isFine({ decision: 'reject', data: 1 })).toBe(false);
  });
});
