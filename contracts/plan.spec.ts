import { describe, expect, it } from '@jest/globals';
import { planParamsSchema } from './plan.js';

const params = { goal: 'g', planner: { capability: 'p' }, allow: ['x'] };
const refused = (more: object) =>
  planParamsSchema.safeParse({ ...params, ...more }).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('the parameters of plan', () => {
  it('have limits unless they are given', () => {
    expect(planParamsSchema.parse(params)).toMatchObject({ maxTasks: 20, repair: 3, maxReplans: 2 });
  });

  it('refuse what cannot work, with the field', () => {
    expect(refused({ goal: '' })).toEqual(['goal']);
    expect(refused({ planner: {} })).toEqual(['planner']);
    expect(refused({ allow: [] })).toEqual(['allow']);
    expect(refused({ maxTasks: 201 })).toEqual(['maxTasks']);
    expect(refused({ approval: 'plan' })).toEqual(['']);
  });
});
