import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../../contracts/json.js';
import { PlanHouse } from '../../../test/support/plan-house.js';

jest.setTimeout(60_000);

const house = new PlanHouse();
beforeAll(() => house.open());
afterAll(() => house.close());

const ask = (capability: string, more: object = {}) => ({ call: 'agent', with: { capability, ...more } });
const list = (...tasks: object[]) => ({ do: tasks }) as Json;
const echo = ({ key }: { key: string }, input: Json) => ({ output: { by: key.split('/').at(-1) ?? '', input } });
const failing =
  (...names: string[]) =>
  (call: { key: string }, input: Json) =>
    names.includes(call.key.split('/').at(-1) ?? '') ? { fail: 'agent.permanent' as const } : echo(call, input);

describe('a plan in the workflow language', () => {
  it('is performed by the tasks of the language, and gives what the last one gave', async () => {
    const plan = list(
      { count: { set: { n: '${ .input.n + 1 }', goal: '${ .goal }' }, export: { as: '{ seen: . }' } } },
      { each: { for: { in: '[1, 2]' }, do: [{ add: { set: '${ { n: (.n + $item) } }' } }] } },
      { hold: { wait: { milliseconds: 1 } } },
      { tell: ask('x', { input: { n: '${ .n }', seen: '${ $context.seen }' } }) },
    );
    const { end, keys, decisions } = await house.run({ plans: [plan], work: echo }, { allow: ['x', 'wait'] });
    expect(end).toEqual(['completed', 'done', { tell: { by: 'tell', input: { n: 5, seen: { n: 2, goal: 'g' } } } }]);
    expect(keys).toEqual(['0/planner/0', '0/do/3/tell']);
    expect(decisions('plan')).toMatchObject([
      { chosen: [{ id: 'count', capability: 'set' }, { id: 'each' }, { id: 'hold' }, { id: 'tell', capability: 'x' }] },
    ]);
  });

  it('goes back with what is wrong with it, and never begins', async () => {
    const wrong = list({ a: ask('x') }, { b: { wait: { seconds: 1 } } });
    const { end, keys } = await house.run({ plans: [wrong, list({ a: ask('x') })], work: echo });
    expect(house.told[1]?.errors).toEqual(['/do/1/b: wait is not allowed, only x, y']);
    expect([end[0], keys]).toEqual(['completed', ['0/planner/0', '0/planner/1', '0/do/0/a']]);
    const broken = await house.run({ plans: [[{ a: { hello: 1 } }] as Json], work: echo }, { repair: 0 });
    expect(broken.end.slice(0, 2)).toEqual(['failed', 'invalid_output']);
  });

  it('is planned anew when a task fails, on top of what is finished', async () => {
    const first = list({ a: ask('x') }, { b: ask('y') }, { c: ask('x') });
    const second = list({ a: ask('x') }, { d: ask('x', { input: '${ .by }' }) });
    const { end, keys, decisions } = await house.run({ plans: [first, second], work: failing('b') });
    expect(house.told[1]).toMatchObject({
      finished: [{ id: 'a', capability: 'x' }],
      failed: [{ id: 'b', capability: 'y' }],
    });
    expect(keys).toEqual(['0/planner/0', '0/do/0/a', '0/do/1/b', '1/planner/0', '1/do/1/d']);
    expect(end).toEqual(['completed', 'done', { d: { by: 'd', input: 'a' } }]);
    expect(decisions('replan')).toMatchObject([{ scores: { added: ['d'], removed: ['b', 'c'], finished: ['a'] } }]);
  });

  it('goes on where it stood when the ledger has a failed task done again', async () => {
    const judgements = [
      { satisfied: false, looping: false, progressing: true, next: [{ id: 'b' }] },
      { satisfied: true, looping: false, progressing: true, next: [] },
    ];
    const plan = { ...(list({ a: ask('x') }, { b: ask('y', { retry: { maxAttempts: 1 } }) }) as object), ledger: {} };
    let failures = 1;
    const work = (call: { key: string }, input: Json) =>
      call.key.includes('/b') && failures-- > 0 ? { fail: 'agent.permanent' as const } : echo(call, input);
    const { end, keys } = await house.run({ plans: [plan as Json], judgements, work });
    expect(keys.filter((key) => key.includes('/do/'))).toEqual(['0/do/0/a', '0/do/1/b', '0/do/1/b/2']);
    expect(end.slice(0, 2)).toEqual(['completed', 'done']);
  });

  it('leaves out what a branch does not come to', async () => {
    const plan = list(
      { which: { switch: [{ big: { when: '.input.n > 5', then: 'large' } }, { small: { then: 'little' } }] } },
      { large: { ...ask('x'), then: 'end' } },
      { little: { ...ask('y'), then: 'end' } },
    );
    const { end, keys } = await house.run({ plans: [plan], work: echo });
    expect(keys).toEqual(['0/planner/0', '0/do/2/little']);
    expect([end[0], Object.keys(end[2] as object)]).toEqual(['completed', ['little']]);
  });

  it('ends a loop that never ends as a failed task', async () => {
    const plan = list({ again: { set: '${ . }', then: 'again' } });
    const { end } = await house.run({ plans: [plan], work: echo }, { maxReplans: 0 });
    expect(end.slice(0, 2)).toEqual(['failed', 'agent_failed']);
    expect(house.agents.end?.warnings.join()).toMatch(/at most 1000 tasks/);
  });
});
