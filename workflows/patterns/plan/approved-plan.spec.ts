import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../../contracts/json.js';
import { ApprovalHouse, approve, reject, saying, silent } from '../../../test/support/approval-house.js';
import type { Decision } from '../../../test/support/scripted-persons.js';
import type { Script } from '../../../test/support/scripted-agents.js';

jest.setTimeout(60_000);

const house = new ApprovalHouse();
beforeAll(() => house.open());
afterAll(() => house.close());

describe('an approval of a plan', () => {
  const task = (id: string) => ({ id, capability: 'x' });
  const planned: Json = { tasks: [task('a')] };
  const script: Script = ({ kind, key }) => ({ output: kind === 'plan' ? planned : key });
  const goal = (approval: Json) => ({ goal: 'g', planner: { capability: 'p' }, allow: ['x'], approval });

  it.each([
    ['plan', approve, ['completed', 'done', { a: 'plans/0/tasks/a' }]],
    [
      { of: 'plan', assignees: ['ann'], due: 'PT1H' },
      { decision: 'answer', data: { tasks: [task('mine')] } },
      ['completed', 'done', { mine: 'plans/0/tasks/mine' }],
    ],
    ['everyReplan', reject, ['rejected', 'rejected', {}]],
  ] as [Json, Decision, Json[]][])('(%j) lets a person decide about it', async (approval, decision, expected) => {
    const { end } = await house.run('plan', goal(approval), saying(decision), script);
    expect(end).toEqual(expected);
    expect(house.persons.opened).toMatchObject([
      { key: 'approvals/plans/0/plan/1', kind: 'plan', subject: { inline: planned } },
    ]);
  });

  it('is not asked for unless it is wanted', async () => {
    const { end } = await house.run('plan', goal('none'), silent, script);
    expect([end[0], house.persons.keys]).toEqual(['completed', []]);
  });

  it('goes back to the person when the answer cannot work', async () => {
    const wrong: Decision = { decision: 'answer', data: { tasks: [{ id: 'a', capability: 'y' }] } };
    const { end, warnings } = await house.run('plan', goal('plan'), saying(wrong, approve), script);
    expect(end).toEqual(['completed', 'done', { a: 'plans/0/tasks/a' }]);
    expect(house.persons.opened[1]?.question).toBe(
      'The plan that was answered cannot work: task 1: capability must be one of x',
    );
    expect(warnings).toEqual(['plan 1, as a person answered it, was refused: task 1: capability must be one of x']);
    const stubborn = await house.run('plan', { ...goal('plan'), repair: 1 }, () => wrong, script);
    expect([stubborn.end[0], house.persons.keys]).toEqual([
      'rejected',
      ['approvals/plans/0/plan/1', 'approvals/plans/0/plan/2'],
    ]);
  });

  it('is asked for every later plan, too, when it is wanted so, and a no keeps what is finished', async () => {
    const failing: Script = ({ kind, key }) => {
      if (kind === 'plan') return { output: { tasks: [task('a'), task('b')] } };
      return key.endsWith('b') ? { fail: 'agent.permanent' } : { output: key };
    };
    const { end } = await house.run('plan', goal('everyReplan'), saying(approve, reject), failing);
    expect(end).toEqual(['rejected', 'rejected', { a: 'plans/0/tasks/a' }]);
    expect(house.persons.keys).toEqual(['approvals/plans/0/plan/1', 'approvals/plans/1/plan/1']);
    await house.run('plan', { ...goal('plan'), maxReplans: 1 }, saying(approve), failing);
    expect(house.persons.keys).toEqual(['approvals/plans/0/plan/1']);
  });
});
