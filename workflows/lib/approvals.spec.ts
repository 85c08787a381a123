import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { ApprovalHouse, approve, echo, gated, reject, saying, silent } from '../../test/support/approval-house.js';
import type { Decision } from '../../test/support/scripted-persons.js';
import type { Script } from '../../test/support/scripted-agents.js';

jest.setTimeout(60_000);

const house = new ApprovalHouse();
beforeAll(() => house.open());
afterAll(() => house.close());

const FAIL: Script = () => ({ fail: 'agent.permanent' });

describe('an approval before a task', () => {
  it('holds the task back until a person approves, and the run is waiting meanwhile', async () => {
    const { end } = await house.run('agent', gated({ before: true }), () => {
      expect(house.agents.keys).toEqual([]);
      return approve;
    });
    expect(end).toEqual(['completed', 'done', 'in']);
    expect(house.persons.opened).toEqual([
      expect.objectContaining({
        key: 'approvals/before',
        path: '/',
        kind: 'before',
        question: 'The call is about to be done. May it?',
        subject: { inline: 'in' },
        assignees: [],
        onTimeout: 'reject',
      }),
    ]);
    expect(house.agents.flushes[0]?.map(({ type }) => type)).toEqual(['run.started']);
    expect(house.types.filter((type) => type.startsWith('run.'))).toEqual([
      'run.started',
      'run.waiting',
      'run.resumed',
    ]);
  });

  it('does the task with the input that a person answers', async () => {
    const { end, degraded } = await house.run(
      'agent',
      gated({ before: true }),
      saying({ decision: 'answer', data: { n: 2 } }),
    );
    expect(end).toEqual(['completed', 'done', { n: 2 }]);
    expect(degraded).toBe(false);
  });

  it('ends the run rejected, with who and why, and the task is not done', async () => {
    const { end, error } = await house.run('agent', gated({ before: true }), saying(reject));
    expect(end).toEqual(['rejected', 'rejected', null]);
    expect(error).toMatchObject({ code: 'approval.rejected', message: 'rejected by ann: too dear', path: '/' });
    expect(house.agents.keys).toEqual([]);
  });

  it('asks in the words of the task, which may read what is to be approved', async () => {
    const question = 'Pay ${ .amount } to ${ .to }?';
    await house.run('agent', gated({ before: true, question, assignees: ['finance'] }), saying(approve), echo, {
      input: { amount: 5, to: 'acme' },
    });
    expect(house.persons.opened[0]).toMatchObject({ question: 'Pay 5 to acme?', assignees: ['finance'] });
  });
});

describe('an approval after a task', () => {
  it.each([
    ['approve', approve, ['completed', 'done', 'in']],
    ['answer', { decision: 'answer', data: 'better' }, ['completed', 'done', 'better']],
    ['reject', reject, ['rejected', 'rejected', null]],
  ] as [string, Decision, Json[]][])('decides about its output: %s', async (_, decision, expected) => {
    const { end } = await house.run(
      'agent',
      gated({ after: true }, { outputSchema: { type: 'string' } }),
      saying(decision),
    );
    expect(end).toEqual(expected);
    expect(house.agents.keys).toEqual(['call']);
    expect(house.persons.opened).toMatchObject([
      { kind: 'after', subject: { inline: 'in' }, schema: { type: 'string' } },
    ]);
  });

  it('is not asked for what failed', async () => {
    const { end } = await house.run('agent', gated({ after: true }), saying(reject), FAIL);
    expect(end).toEqual(['failed', 'agent_failed', null]);
    expect(house.persons.keys).toEqual([]);
  });

  it('goes with one before', async () => {
    const { end } = await house.run('agent', gated({ before: true, after: true }), saying(approve, approve));
    expect(end).toEqual(['completed', 'done', 'in']);
    expect(house.persons.keys).toEqual(['approvals/before', 'approvals/after']);
  });
});

describe('an approval on failure', () => {
  const onFailure = { capability: 'pay', onFailure: 'approval' };

  it('takes the answer of a person in the stead of the agent, degraded', async () => {
    const { end, degraded } = await house.run('agent', onFailure, saying({ decision: 'answer', data: 'mine' }), FAIL);
    expect([end, degraded]).toEqual([['completed', 'done', 'mine'], true]);
    expect(house.persons.opened).toMatchObject([
      {
        kind: 'failure',
        question: 'The call failed: call failed. Approve to try again, answer in its stead, or reject.',
        subject: { object: { input: { inline: 'in' }, failure: { inline: 'call failed' } } },
      },
    ]);
  });

  it('tries again under a key of its own, as often as a person approves', async () => {
    const script: Script = ({ key }, input) => (key === 'approved/2' ? { output: input } : { fail: 'agent.permanent' });
    const { end } = await house.run('agent', onFailure, saying(approve, approve), script);
    expect(end).toEqual(['completed', 'done', 'in']);
    expect(house.agents.keys).toEqual(['call', 'approved/1', 'approved/2']);
    expect(house.persons.keys).toEqual(['approvals/failure/1', 'approvals/failure/2']);
  });

  it('tries ten times at most', async () => {
    const { end } = await house.run('agent', onFailure, () => approve, FAIL);
    expect(end).toEqual(['failed', 'agent_failed', null]);
    expect(house.agents.keys).toHaveLength(11);
  });

  it('ends rejected, with the failure', async () => {
    const { end, error } = await house.run('agent', onFailure, saying(reject), FAIL);
    expect(end).toEqual(['rejected', 'rejected', null]);
    expect(error?.message).toBe('call failed; rejected by ann: too dear');
  });

  it('is asked for the step of a sequence that failed', async () => {
    const steps = ['a', 'b', 'c'].map((name) => ({ name, capability: 'x' }));
    const script: Script = ({ key }) => (key === 'steps/b' ? { fail: 'agent.permanent' } : { output: key });
    const say = saying({ decision: 'answer', data: 'mine' });
    const { end, degraded } = await house.run(
      'sequential',
      { steps, chain: 'full', onFailure: 'approval' },
      say,
      script,
    );
    expect(end).toEqual(['completed', 'done', { a: 'steps/a', b: 'mine', c: 'steps/c' }]);
    expect([house.persons.keys, degraded]).toEqual([['approvals/steps/b/failure/1'], true]);
  });
});

describe('an approval that nobody decides in time', () => {
  const due = { before: true, due: 'PT0.2S' };

  it('approves or rejects as it is told', async () => {
    expect((await house.run('agent', gated({ ...due, onTimeout: 'approve' }), silent)).end).toEqual([
      'completed',
      'done',
      'in',
    ]);
    expect(house.closings).toEqual([{ kind: 'expire', outcome: 'approve' }]);
    const { end, error } = await house.run('agent', gated(due), silent);
    expect([end, error?.message]).toEqual([['rejected', 'rejected', null], 'nobody decided in time']);
  });

  it('goes to further assignees, one after another, each with a time of its own, and is rejected at last', async () => {
    const escalateTo = [{ assignees: ['boss'], due: 'PT0.1S' }, { assignees: ['board'] }];
    const params = gated({ ...due, assignees: ['ann'], onTimeout: 'escalate', escalateTo });
    const { end } = await house.run('agent', params, silent);
    expect(end).toEqual(['rejected', 'rejected', null]);
    expect(house.persons.opened).toMatchObject([{ assignees: ['ann'], onTimeout: 'escalate' }]);
    expect(house.closings).toMatchObject([
      { kind: 'escalate', level: 1, assignees: ['ann', 'boss'], onTimeout: 'escalate' },
      { kind: 'escalate', level: 2, assignees: ['ann', 'boss', 'board'], onTimeout: 'reject' },
      { kind: 'expire', outcome: 'reject' },
    ]);
    const dues = house.closings.flatMap((closing) => ('dueAt' in closing ? [closing.dueAt] : []));
    expect(dues[0]! - house.persons.opened[0]!.dueAt).toBeGreaterThanOrEqual(100);
    expect(dues[1]! - dues[0]!).toBeGreaterThanOrEqual(200);
  });

  it('was decided after all when somebody was first', async () => {
    const { end } = await house.run('agent', gated(due), saying({ ...approve, isUndelivered: true }));
    expect(end).toEqual(['completed', 'done', 'in']);
  });
});
