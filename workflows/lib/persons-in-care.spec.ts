import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApprovalHouse, approve, echo, gated, reject, saying } from '../../test/support/approval-house.js';
import type { Script } from '../../test/support/scripted-agents.js';
import type { Decision } from '../../test/support/scripted-persons.js';

jest.setTimeout(60_000);

const house = new ApprovalHouse();
beforeAll(() => house.open());
afterAll(() => house.close());

const answer = (data: number | string): Decision => ({ decision: 'answer', data });
const failsOnce: Script = ({ key }, input) => (key === 'call' ? { fail: 'agent.permanent' } : { output: input });

describe('a tie of votes', () => {
  const tied: Script = ({ target }) => ({ output: target.agent === 'ann' ? 'a' : 'b' });
  const params = { voters: { agents: ['ann', 'bob'] }, tieBreak: { approval: { assignees: ['chair'] } } };

  it('is broken by a person who answers with one of the leaders', async () => {
    const { end } = await house.run('consensus', params, saying({ decision: 'answer', data: 'b' }), tied);
    expect(end).toEqual(['completed', 'rule_met', 'b']);
    expect(house.persons.opened).toEqual([
      expect.objectContaining({ kind: 'tie', question: expect.stringContaining('tied'), assignees: ['chair'] }),
    ]);
  });

  it.each([
    ['rejects', reject],
    ['answers with something else', { decision: 'answer', data: 'c' } as Decision],
  ])('is no agreement when the person %s', async (_, said) => {
    const { end } = await house.run('consensus', params, saying(said), tied);
    expect(end).toEqual(['partial', 'no_consensus', 'a']);
  });
});

describe('a person as a fallback', () => {
  const pay = { capability: 'pay', fallback: [{ approval: { assignees: ['ann'] } }, { value: 'unpaid' }] };

  it('answers in place of a task that failed, and the result is degraded', async () => {
    const { end, degraded } = await house.run('agent', pay, saying(answer('by hand')), failsOnce);
    expect([end, degraded]).toEqual([['completed', 'done', 'by hand'], true]);
    expect(house.persons.opened).toEqual([
      expect.objectContaining({ kind: 'failure', path: '/fallback/0', assignees: ['ann'] }),
    ]);
  });

  it('may have it tried again, which is the task itself', async () => {
    const { end } = await house.run('agent', pay, saying(approve), failsOnce);
    expect([end, house.agents.keys]).toEqual([
      ['completed', 'done', 'in'],
      ['call', 'fallback/0'],
    ]);
  });

  it('gives way to the next fallback when the person refuses', async () => {
    const { end } = await house.run('agent', pay, saying(reject), failsOnce);
    expect(end).toEqual(['completed', 'done', 'unpaid']);
  });
});

describe('a gate that a person may open', () => {
  const gates = [{ name: 'small', rule: '. < 10', onFail: 'approval' }];
  const params = { capability: 'count', gates };
  const large: Script = () => ({ output: 12 });

  it.each([
    ['approves', approve, ['completed', 'done', 12]],
    ['answers', answer(9), ['completed', 'done', 9]],
  ])('lets through what the person %s', async (_, said, wanted) => {
    const { end, degraded } = await house.run('agent', params, saying(said), large);
    expect([end, degraded]).toEqual([wanted, false]);
    expect(house.persons.opened[0]).toMatchObject({
      kind: 'after',
      path: '/gates/0',
      subject: { object: { output: { inline: 12 }, reasons: { inline: ['the rule . < 10 does not hold'] } } },
    });
  });

  it('fails the task with the reason when the person refuses', async () => {
    const { end, error } = await house.run('agent', params, saying(reject), large);
    expect(end.slice(0, 2)).toEqual(['failed', 'invalid_output']);
    expect(error?.message).toBe('small: rejected by ann: too dear');
  });

  it('asks nobody about what passes', async () => {
    await house.run('agent', params, saying(), () => ({ output: 3 }));
    expect(house.persons.opened).toEqual([]);
    await house.run('agent', gated({ after: true }), saying(approve), echo);
    expect(house.persons.opened).toHaveLength(1);
  });
});
