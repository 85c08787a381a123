import { describe, expect, it } from '@jest/globals';
import { PATTERN_PARAMS } from './patterns.js';

const schema = PATTERN_PARAMS.hierarchy;
const manager = { capability: 'lead' };
const refused = (params: object) => schema.safeParse(params).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('the parameters of hierarchy', () => {
  it('have limits unless they are given', () => {
    expect(schema.parse({ manager })).toMatchObject({
      maxDepth: 4,
      maxFanOut: 20,
      maxAgents: 200,
      budgetSplit: 'onDemand',
      reportUp: 'full',
      escalate: ['onFailure'],
      reassign: 1,
    });
  });

  it('take a tree of workers, patterns and teams', () => {
    const market = { pattern: 'market', with: { task: { capability: 'sort' } } };
    const team = { manager, members: [{ name: 'b', ...market, weight: 2 }] };
    const { tree } = schema.parse({
      tree: {
        members: [
          { name: 'a', capability: 'x' },
          { name: 'led', team },
        ],
      },
    });
    expect(tree?.members).toMatchObject([
      { name: 'a', capability: 'x', weight: 1 },
      { name: 'led', weight: 1, team: { manager, members: [{ pattern: 'market', weight: 2 }] } },
    ]);
  });

  it('refuse what cannot work, with the field', () => {
    expect(refused({})).toEqual(['']);
    expect(refused({ manager, tree: { manager } })).toEqual(['']);
    expect(refused({ tree: {} })).toEqual(['tree']);
    expect(refused({ manager: {} })).toEqual(['manager']);
    expect(refused({ tree: { members: ['a', 'a'].map((name) => ({ name, capability: 'x' })) } })).toEqual([
      'tree.members',
    ]);
    expect(refused({ manager, maxAgents: 0 })).toEqual(['maxAgents']);
    expect(refused({ manager, escalate: ['never'] })).toEqual(['escalate.0']);
  });
});
