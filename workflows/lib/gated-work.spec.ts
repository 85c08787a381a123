import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { ApprovalHouse, approve, gated, naming, reject, saying } from '../../test/support/approval-house.js';
import type { Decision } from '../../test/support/scripted-persons.js';
import type { Script } from '../../test/support/scripted-agents.js';

jest.setTimeout(60_000);

const house = new ApprovalHouse();
beforeAll(() => house.open());
afterAll(() => house.close());

describe('a rejected task', () => {
  const steps = (approval: Json) => [
    { name: 'a', capability: 'x', compensate: { capability: 'undo' } },
    { name: 'b', capability: 'x', compensate: { capability: 'undo' }, approval },
    { name: 'c', capability: 'x' },
  ];

  it.each(['fail', 'continue'])('ends a sequence with its best so far, onFailure %s', async (onFailure) => {
    const params = { steps: steps({ before: true }), onFailure };
    const { end } = await house.run('sequential', params, saying(reject), naming);
    expect(end).toEqual(['rejected', 'rejected', 'steps/a']);
    expect(house.agents.keys).toEqual(['steps/a']);
  });

  it('has completed steps undone, and itself when it was done already', async () => {
    const params = { steps: steps({ after: true }), onFailure: 'compensate' };
    const { end } = await house.run('sequential', params, saying(reject), naming);
    expect(end).toEqual(['rejected', 'rejected', 'steps/a']);
    expect(house.agents.keys).toEqual(['steps/a', 'steps/b', 'compensate/b', 'compensate/a']);
    await house.run('sequential', { ...params, steps: steps({ before: true }) }, saying(reject), naming);
    expect(house.agents.keys).toEqual(['steps/a', 'compensate/a']);
  });

  it('is a gap among others side by side', async () => {
    const branches = [{ capability: 'x' }, { capability: 'x', approval: { before: true } }];
    const { end } = await house.run('concurrent', { branches, completion: { quorum: 1 } }, saying(reject), naming);
    expect(end[0]).toBe('completed');
    const all = await house.run('concurrent', { branches: [branches[1]!] }, saying(reject), naming);
    expect(all.end.slice(0, 2)).toEqual(['rejected', 'rejected']);
  });

  it('of workers is not given out again', async () => {
    const worker = { capability: 'x', approval: { before: true } };
    const params = { items: [1, 2], worker, maxAttemptsPerItem: 3 };
    await house.run('workers', params, (approval) => (approval.path === '/items/0' ? reject : approve), naming);
    expect(house.persons.keys.toSorted()).toEqual(['approvals/items/0/before', 'approvals/items/1/before']);
  });

  it('of a market ends it, at no cost to the winner’s name, and no bid is asked about', async () => {
    const params = { task: gated({ before: true }), onDefault: 'nextBest' };
    const script: Script = ({ kind }) => ({ output: kind === 'bid' ? { bid: { price: 1, etaMs: 1 } } : null });
    const { end } = await house.run('market', params, saying(reject), script, { candidates: ['p', 'q'] });
    expect(end).toEqual(['rejected', 'rejected', null]);
    expect(house.persons.keys).toEqual(['approvals/work/p/before']);
    expect(house.agents.events.flatMap(({ type, data }) => (type === 'market.settled' ? [data.outcome] : []))).toEqual([
      'canceled',
    ]);
  });
});

describe('an approval of a nested pattern', () => {
  const inner = { pattern: 'sequential', with: { steps: [{ name: 's', capability: 'x' }] } };
  const outer = (approval: Json) => ({ steps: [{ name: 'a', ...inner, approval }] });

  it.each([
    ['before', { before: true }, { decision: 'answer', data: 'given' }, ['completed', 'done', 'given']],
    ['after', { after: true }, { decision: 'answer', data: 'better' }, ['completed', 'done', 'better']],
    ['after, rejected', { after: true }, reject, ['rejected', 'rejected', null]],
  ] as [string, Json, Decision, Json[]][])('stands %s it', async (_, approval, decision, expected) => {
    const { end } = await house.run('sequential', outer(approval), saying(decision));
    expect(end).toEqual(expected);
    expect(house.persons.opened[0]?.path).toBe('/steps/a');
  });

  it('has a failed one done again, from its beginning', async () => {
    const script: Script = ({ key }, input) =>
      key.includes('approved') ? { output: input } : { fail: 'agent.permanent' };
    const { end } = await house.run('sequential', outer({ onFailure: true }), saying(approve), script);
    expect(end).toEqual(['completed', 'done', 'in']);
    expect(house.agents.keys).toEqual(['steps/a/steps/s', 'steps/a/approved/1/steps/s']);
  });
});
