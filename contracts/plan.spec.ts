import { describe, expect, it } from '@jest/globals';
import { planParamsSchema } from './plan.js';

const params = { goal: 'g', planner: { capability: 'p' }, allow: ['x'] };
const refused = (more: object) =>
  planParamsSchema.safeParse({ ...params, ...more }).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('the parameters of plan', () => {
  it('have limits unless they are given', () => {
    expect(planParamsSchema.parse(params)).toMatchObject({
      maxTasks: 20,
      maxRounds: 30,
      maxStalls: 3,
      repair: 3,
      maxReplans: 2,
      history: 0,
    });
  });

  it('say which plans a person approves, and by when', () => {
    const approvalOf = (approval: unknown) => planParamsSchema.parse({ ...params, approval }).approval;
    expect(approvalOf('none')).toBeUndefined();
    expect(approvalOf('plan')).toEqual({ of: 'plan', dueMs: 86_400_000, onTimeout: 'reject' });
    expect(approvalOf({ of: 'everyReplan', due: 'PT1M', assignees: ['ann'] })).toEqual({
      of: 'everyReplan',
      dueMs: 60_000,
      assignees: ['ann'],
      onTimeout: 'reject',
    });
  });

  it('refuse what cannot work, with the field', () => {
    expect(refused({ goal: '' })).toEqual(['goal']);
    expect(refused({ planner: {} })).toEqual(['planner']);
    expect(refused({ allow: [] })).toEqual(['allow']);
    expect(refused({ maxTasks: 201 })).toEqual(['maxTasks']);
    expect(refused({ maxRounds: 0, maxStalls: -1, maxConcurrency: 0, history: 11 })).toEqual([
      'maxRounds',
      'maxStalls',
      'maxConcurrency',
      'history',
    ]);
    expect(refused({ prioritise: { labels: { a: 'b' } } })).toEqual(['prioritise']);
    expect(refused({ events: ['a b'] })).toEqual(['events.0']);
    expect(refused({ approval: 'sometimes' })).toEqual(['approval']);
    expect(refused({ approvals: 'plan' })).toEqual(['']);
  });
});
