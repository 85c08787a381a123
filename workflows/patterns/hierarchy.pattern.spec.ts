import { describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { HierarchyHouse, lead, type Told, two } from '../../test/support/hierarchy-house.js';
import type { Answer } from '../../test/support/scripted-agents.js';

jest.setTimeout(60_000);

const house = new HierarchyHouse();

describe('hierarchy', () => {
  it('hands out what the manager decides, and gives its report', async () => {
    const { status, end, keys, made, tree } = await house.play(lead, { decide: () => two });
    expect([status, end?.terminationReason, end?.json]).toEqual([
      'completed',
      'done',
      {
        of: [
          ['a', 1],
          ['b', 'the work'],
        ],
      },
    ]);
    expect(keys[0]).toBe('manager/0');
    expect(keys.slice(1, 3).toSorted()).toEqual(['subtasks/a', 'subtasks/b']);
    expect(keys[3]).toBe('manager/report');
    expect(made.map(({ role, kind }) => [role, kind])).toEqual([
      ['manager', 'decide'],
      ['worker', undefined],
      ['worker', undefined],
      ['manager', undefined],
    ]);
    expect(tree?.chosen).toMatchObject({
      by: 'lead',
      status: 'completed',
      subtasks: [
        { id: 'a', by: 'x', status: 'completed', attempts: 1 },
        { id: 'b', by: 'y', status: 'completed', attempts: 1 },
      ],
    });
  });

  it('lets teams have managers of their own, who report one level up', async () => {
    const decide = (path: string) =>
      path === '/manager/0' ? { subtasks: [{ id: 'team', team: { capability: 'under' }, input: 'half' }] } : two;
    const { end, keys } = await house.play(lead, { decide });
    expect(end?.json).toEqual({
      of: [
        [
          'team',
          {
            of: [
              ['a', 1],
              ['b', 'half'],
            ],
          },
        ],
      ],
    });
    expect(keys).toContain('subtasks/team/subtasks/a');
    expect(keys.at(-2)).toBe('subtasks/team/manager/report');
  });

  it('works off a declared tree, with a pattern as a member', async () => {
    const market = { pattern: 'concurrent', with: { branches: [{ capability: 'p' }, { capability: 'q' }] } };
    const tree = {
      members: [
        { name: 'solo', capability: 'x', input: '${ . } alone' },
        { name: 'both', ...market },
        { name: 'free', team: { members: [{ name: 'two', team: { members: [{ name: 'three', capability: 'x' }] } }] } },
        { name: 'led', team: { manager: { capability: 'under' }, members: [{ name: 'one', capability: 'x' }] } },
      ],
    };
    const { status, end } = await house.play({ tree } as unknown as Json, {});
    expect([status, end?.json]).toEqual([
      'completed',
      {
        solo: 'the work alone',
        both: ['the work', 'the work'],
        free: { two: { three: 'the work' } },
        led: { of: [['one', 'the work']] },
      },
    ]);
  });

  it('takes the output of a manager that does the work itself', async () => {
    const { end, keys } = await house.play(lead, { decide: () => ({ output: 'done' }) });
    expect([end?.json, keys]).toEqual(['done', ['manager/0']]);
  });

  it('sends a decision back that cannot be carried out, and fails with the reasons when none can', async () => {
    const decide = (_: string, { errors }: Told) =>
      (errors as string[]).length === 0 ? { subtasks: [{ id: 'a' }] } : two;
    const repaired = await house.play(lead, { decide });
    expect([repaired.status, repaired.keys.slice(0, 2)]).toEqual(['completed', ['manager/0', 'manager/1']]);
    const never = await house.play(lead, { decide: () => 'no idea' });
    expect([never.status, never.end?.terminationReason]).toEqual(['failed', 'invalid_output']);
    expect(never.keys).toHaveLength(3);
  });

  const failing = (path: string) => (at: string, input: Json) =>
    at === path ? { fail: 'agent.permanent' } : { output: input };

  it('asks the manager about a failure, who may give the work to somebody else', async () => {
    const asked: Told[] = [];
    const rule = (told: Told) => {
      asked.push(told);
      return { reassign: { capability: 'z' }, input: 'easier' };
    };
    const { status, end, made, tree } = await house.play(lead, {
      decide: () => two,
      rule,
      work: failing('/subtasks/a'),
    });
    expect([status, end?.json]).toEqual([
      'completed',
      {
        of: [
          ['a', 'easier'],
          ['b', 'the work'],
        ],
      },
    ]);
    expect(asked).toEqual([
      {
        escalation: 'failure',
        subtask: { id: 'a', by: 'x', input: 1 },
        output: null,
        confidence: null,
        error: 'subtasks/a failed',
        attempts: 1,
      },
    ]);
    expect(made.find(({ key }) => key === 'subtasks/a/attempts/2')?.target).toEqual({ capability: 'z' });
    expect(tree?.chosen).toMatchObject({
      subtasks: [
        { id: 'a', by: 'z', attempts: 2, escalations: [{ reason: 'failure', ruling: 'reassigned to z' }] },
        { id: 'b', attempts: 1 },
      ],
    });
  });

  it('reports a gap that the manager accepts, and ends partial', async () => {
    const { status, end } = await house.play(lead, {
      decide: () => two,
      rule: () => ({ accept: true }),
      work: failing('/subtasks/a'),
    });
    expect([status, end?.terminationReason, end?.json]).toEqual([
      'partial',
      'agent_failed',
      {
        of: [
          ['a', null],
          ['b', 'the work'],
        ],
      },
    ]);
    expect(end?.warnings).toEqual(['subtask a failed: subtasks/a failed']);
  });

  it("tells a team's failure to the manager above it before the whole hears of it", async () => {
    const decide = (path: string) =>
      path === '/manager/0' ? { subtasks: [{ id: 'team', team: { capability: 'under' } }] } : two;
    const rule = ({ subtask }: Told) =>
      (subtask as { id: string }).id === 'team' ? { reassign: true } : { giveUp: 'hopeless' };
    const script = { decide, rule, work: failing('/subtasks/team/subtasks/a') };
    const { status, end, keys } = await house.play(lead, script);
    expect([status, end?.json]).toEqual([
      'completed',
      {
        of: [
          [
            'team',
            {
              of: [
                ['a', 1],
                ['b', 'the work'],
              ],
            },
          ],
        ],
      },
    ]);
    expect(keys).toContain('subtasks/team/manager/escalations/a/1');
    expect(keys).toContain('manager/escalations/team/1');
    expect(keys).toContain('subtasks/team/attempts/2/subtasks/a');
  });

  it('fails with what there is when a manager gives up, or when everything failed', async () => {
    const decide = () => two;
    const givenUp = await house.play(lead, {
      decide,
      rule: () => ({ giveUp: 'hopeless' }),
      work: failing('/subtasks/a'),
    });
    expect([givenUp.status, givenUp.end?.json]).toEqual(['failed', { b: 'the work' }]);
    expect(givenUp.end?.error?.message).toBe('given up: hopeless');
    const lost = await house.play({ ...lead, reassign: 0 }, { decide, work: () => ({ fail: 'agent.permanent' }) });
    expect([lost.status, lost.end?.terminationReason, lost.keys.at(-1)]).toEqual([
      'failed',
      'agent_failed',
      expect.stringContaining('subtasks/'),
    ]);
  });

  it('asks about an answer that its agent is not sure of', async () => {
    const work = (path: string, input: Json): Answer => ({
      output: input,
      confidence: path.endsWith('/a') ? 0.2 : 0.9,
    });
    const params = { ...lead, escalate: [{ onLowConfidence: 0.5 }] };
    const { status, keys } = await house.play(params, { decide: () => two, rule: () => ({ accept: true }), work });
    expect([status, keys.filter((key) => key.includes('escalations'))]).toEqual([
      'completed',
      ['manager/escalations/a/1'],
    ]);
  });
});
