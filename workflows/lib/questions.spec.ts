import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApprovalHouse, approve, reject, saying, silent } from '../../test/support/approval-house.js';
import type { Answer, Script } from '../../test/support/scripted-agents.js';

jest.setTimeout(60_000);

const house = new ApprovalHouse();
beforeAll(() => house.open());
afterAll(() => house.close());

const ask = (question: string, schema?: object): Answer => ({
  fail: 'agent.input_required',
  asked: { question, ...(schema && { schema: schema as never }), agentId: 'agent-7' },
});
/** Asks in the calls of these keys, and answers with the key in others. */
const asking =
  (questions: Record<string, Answer>): Script =>
  (call) =>
    questions[call.key] ?? { output: call.key };
const answer = (data: string) => ({ decision: 'answer' as const, data });
const toldTo = (key: string) => {
  const { context } = house.agents.made.find((call) => call.key === key)!;
  return context && house.agents.json(context);
};

describe('an agent that asks something', () => {
  it('is asked again with the answer of a person; the run waits meanwhile', async () => {
    const schema = { type: 'string' };
    const script = asking({ call: ask('Which ${ .invoice }?', schema) });
    const { end, degraded } = await house.run('agent', { capability: 'pay' }, saying(answer('the first')), script);
    expect([end, degraded]).toEqual([['completed', 'done', 'answers/1'], false]);
    expect(house.persons.opened).toMatchObject([
      {
        key: 'approvals/question/1',
        path: '/',
        kind: 'question',
        question: 'Which ${ .invoice }?',
        schema,
        subject: { inline: 'in' },
      },
    ]);
    expect(toldTo('answers/1')).toEqual({ answers: [{ question: 'Which ${ .invoice }?', answer: 'the first' }] });
    expect(house.agents.made[1]?.target).toMatchObject({ capability: 'pay', agent: 'agent-7' });
    expect(house.types).toEqual(expect.arrayContaining(['run.waiting', 'run.resumed']));
  });

  it('may ask more than once, and knows all answers; approve is a yes', async () => {
    const script = asking({ 'steps/b': ask('Which?'), 'steps/b/answers/1': ask('Sure?') });
    const steps = [
      { name: 'a', capability: 'x' },
      { name: 'b', capability: 'x' },
      { name: 'c', capability: 'x' },
    ];
    const { end } = await house.run('sequential', { steps }, saying(answer('one'), approve), script);
    expect(end).toEqual(['completed', 'done', 'steps/c']);
    expect(house.agents.keys).toEqual(['steps/a', 'steps/b', 'steps/b/answers/1', 'steps/b/answers/2', 'steps/c']);
    expect(toldTo('steps/b/answers/2')).toEqual({
      answers: [
        { question: 'Which?', answer: 'one' },
        { question: 'Sure?', answer: true },
      ],
    });
    expect(house.persons.keys).toEqual(['approvals/steps/b/question/1', 'approvals/steps/b/question/2']);
  });

  it('has its questions put to the persons of the task', async () => {
    const approval = { onFailure: true, assignees: ['finance'], due: 'PT1H' };
    const script = asking({ call: ask('Which?') });
    await house.run('agent', { capability: 'pay', approval }, saying(answer('x')), script);
    expect(house.persons.opened).toMatchObject([{ kind: 'question', assignees: ['finance'] }]);
  });

  it('has failed when nobody answers it', async () => {
    const script = asking({ call: ask('Which?') });
    const { end, error } = await house.run('agent', { capability: 'pay' }, saying(reject), script);
    expect(end.slice(0, 2)).toEqual(['rejected', 'rejected']);
    expect(error?.message).toBe('call failed; rejected by ann: too dear');
  });

  it('is heard ten times, and has failed then', async () => {
    const { end, error } = await house.run(
      'agent',
      { capability: 'x' },
      () => answer('y'),
      () => ask('And?'),
    );
    expect([end[0], error?.code]).toEqual(['failed', 'agent.input_required']);
    expect(house.agents.keys).toHaveLength(11);
  });

  it('holds up no other branch for good, and goes on when it is canceled', async () => {
    const branches = ['a', 'b'].map((name) => ({ name, capability: 'x' }));
    const script = asking({ 'branches/0': ask('Which?') });
    const { end } = await house.run('concurrent', { branches }, saying(answer('z')), script);
    expect(end[2]).toEqual(['branches/0/answers/1', 'branches/1']);
    const handle = await house.begin('concurrent', { branches }, silent, script);
    while (house.persons.opened.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
  });

  it('counts as one contribution to what later steps are told', async () => {
    const script = asking({ 'steps/a': ask('Which?') });
    const steps = [
      { name: 'a', capability: 'x' },
      { name: 'b', capability: 'x', context: { pass: 'all' } },
    ];
    await house.run('sequential', { steps }, saying(answer('z')), script);
    expect(toldTo('steps/b')).toMatchObject({ history: [{ output: 'steps/a/answers/1' }] });
  });

  it('spends the budget of its place', async () => {
    const script = asking({ call: ask('Which?') });
    await house.run('agent', { capability: 'x', budget: { calls: 5 } }, saying(answer('z')), script);
    expect(house.agents.batches.map(({ terms }) => terms[0]?.budget?.levels.length)).toEqual([1, 1]);
  });
});
