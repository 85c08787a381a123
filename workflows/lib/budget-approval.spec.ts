import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { BudgetLimit } from '../../contracts/budget.js';
import { ApprovalHouse, approve, echo, reject, saying, silent } from '../../test/support/approval-house.js';
import type { Answer, Script } from '../../test/support/scripted-agents.js';

jest.setTimeout(60_000);

const house = new ApprovalHouse();
beforeAll(() => house.open());
afterAll(() => house.close());

const step = (name: string, more: object = {}) => ({ name, capability: 'echo', ...more });
const refuse = (place: string, limit: BudgetLimit = 'costUsd'): Answer => ({
  fail: 'agent.budget',
  budget: { place, limit },
});
/** Refuses `key` until it was made again so often. */
const refusing =
  (key: string, times = 1, place = '/'): Script =>
  (call, input) => {
    const again = Number(new RegExp(`^${key}/raised/(\\d+)$`).exec(call.key)?.[1] ?? (call.key === key ? 0 : times));
    return again < times ? refuse(place) : { output: input };
  };
const asking = (more: object = {}) => ({ costUsd: 2, onExceeded: 'approval', ...more });
const raised = () => house.agents.raises.map(({ place, limit, by }) => [place, limit, by]);

describe('a budget that asks a person when it is used up', () => {
  it('goes on with as much again when the person approves; the refused call is made, and nothing else again', async () => {
    const params = { budget: asking(), steps: [step('a'), step('b'), step('c')] };
    const { end, degraded } = await house.run('sequential', params, saying(approve), refusing('steps/b'));
    expect([end, degraded]).toEqual([['completed', 'done', 'in'], false]);
    expect(house.agents.keys).toEqual(['steps/a', 'steps/b', 'steps/b/raised/1', 'steps/c']);
    expect(raised()).toEqual([['', 'costUsd', 2]]);
    expect(house.persons.opened).toMatchObject([
      {
        key: 'approvals/budget/1',
        path: '/',
        kind: 'budget',
        subject: { inline: { limit: 'costUsd', why: 'steps/b failed', limits: { costUsd: 2 } } },
        schema: { required: ['costUsd'], additionalProperties: false },
      },
    ]);
    expect(house.types).toEqual(expect.arrayContaining(['budget.exceeded', 'run.waiting', 'run.resumed']));
  });

  it('is raised by what the person answers, as often as it is asked', async () => {
    const answers = [1, 3].map((costUsd) => ({ decision: 'answer' as const, data: { costUsd, calls: 7 } }));
    const params = { capability: 'echo', budget: asking({ calls: 9 }) };
    const { end } = await house.run('agent', params, saying(...answers), refusing('call', 2));
    expect(end).toEqual(['completed', 'done', 'in']);
    expect(raised()).toEqual([
      ['', 'costUsd', 1],
      ['', 'calls', 7],
      ['', 'costUsd', 3],
      ['', 'calls', 7],
    ]);
    expect(house.persons.opened[1]?.subject).toMatchObject({ inline: { limits: { costUsd: 3, calls: 16 } } });
    expect(house.agents.keys).toEqual(['call', 'call/raised/1', 'call/raised/2']);
  });

  it('stops with what is there when the person rejects, and says who and why', async () => {
    const params = { budget: asking(), steps: [step('a'), step('b'), step('c')] };
    const { end, error } = await house.run('sequential', params, saying(reject), refusing('steps/b'));
    expect(end).toEqual(['budget_exceeded', 'budget', 'in']);
    expect(error?.message).toBe('the budget of the run does not cover the rest: costUsd; rejected by ann: too dear');
    expect(house.agents.keys).toEqual(['steps/a', 'steps/b']);
  });

  it('stops when nobody decides in time, as it is told', async () => {
    const params = { capability: 'echo', budget: asking({ approval: { due: 'PT0.1S', assignees: ['finance'] } }) };
    const { end } = await house.run('agent', params, silent, refusing('call'));
    expect(end).toEqual(['budget_exceeded', 'budget', null]);
    expect(house.persons.opened[0]?.assignees).toEqual(['finance']);
  });

  it('is asked for once by all that need more at the same time, and new calls wait', async () => {
    const script: Script = (call, input) =>
      Number(input) >= 2 && !call.key.includes('raised') ? refuse('/') : { output: input };
    const params = { budget: asking(), items: '${ . }', branch: { capability: 'echo' }, maxInFlight: 3 };
    const say = saying({ ...approve, afterMs: 300 }, approve, approve, approve);
    const { end } = await house.run('concurrent', params, say, script, { input: [0, 1, 2, 3, 4] });
    expect(end).toEqual(['completed', 'done', [0, 1, 2, 3, 4]]);
    expect(house.persons.opened.length).toBeLessThanOrEqual(2);
  });

  it('of a place inside raises that place, and asks around when nothing is left there', async () => {
    const inner = { pattern: 'sequential', with: { budget: asking({ costUsd: 1 }), steps: [step('x')] } };
    const params = { budget: asking(), steps: [{ name: 'in', ...inner }] };
    let left = 0;
    const began = house.begin(
      'sequential',
      params,
      saying(approve, approve),
      refusing('steps/in/steps/x', 1, '/steps/in'),
    );
    await began.then((handle) => {
      house.agents.raise = ({ place, by }) => {
        if (place === '') left += by;
        return place === '' || left > 0 ? { by } : { by: 0, from: '' };
      };
      return handle.result();
    });
    expect(house.agents.end?.status).toBe('completed');
    expect(house.persons.opened.map(({ path }) => path)).toEqual(['/steps/in', '/']);
    expect(raised()).toEqual([
      ['steps/in', 'costUsd', 1],
      ['', 'costUsd', 2],
      ['steps/in', 'costUsd', 1],
    ]);
  });

  it('asks for further rounds', async () => {
    const params = { budget: { rounds: 1, onExceeded: 'approval' }, participants: [{ capability: 'a' }], maxRounds: 3 };
    const { end } = await house.run('groupChat', params, saying(approve, reject), echo);
    expect(end.slice(0, 2)).toEqual(['budget_exceeded', 'budget']);
    expect(house.agents.keys).toHaveLength(2);
    expect(raised()).toEqual([['', 'rounds', 1]]);
  });

  it('asks for a pattern that would be too deep', async () => {
    const deep = { pattern: 'sequential', with: { steps: [step('y')] } };
    const params = { budget: { depth: 1, onExceeded: 'approval' }, branches: [deep] };
    expect((await house.run('concurrent', params, saying(approve))).end[0]).toBe('completed');
    expect((await house.run('concurrent', params, saying(reject))).end[0]).toBe('budget_exceeded');
  });

  it('asks for further time; what is under way goes on meanwhile, and is canceled when there is none', async () => {
    const params = { budget: { wallClock: 'PT0.2S', onExceeded: 'approval' }, capability: 'echo' };
    const slow: Script = (_, input) => ({ output: input, afterMs: 1_500 });
    const more = { decision: 'answer' as const, data: { wallClockMs: 50_000 } };
    expect((await house.run('agent', params, saying(more), slow)).end).toEqual(['completed', 'done', 'in']);
    expect((await house.run('agent', params, saying(reject), slow)).end).toEqual(['budget_exceeded', 'budget', null]);
  });

  it('does not ask any longer when the work is done after all', async () => {
    const params = { budget: { wallClock: 'PT0.2S', onExceeded: 'approval' }, capability: 'echo' };
    const { end } = await house.run('agent', params, silent, (_, input) => ({ output: input, afterMs: 1_500 }));
    expect(end).toEqual(['completed', 'done', 'in']);
    expect(house.closings).toEqual([{ kind: 'withdraw' }]);
  });
});
