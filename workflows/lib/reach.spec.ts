import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApprovalHouse, saying, silent } from '../../test/support/approval-house.js';
import type { Answer, Script } from '../../test/support/scripted-agents.js';

jest.setTimeout(60_000);

const house = new ApprovalHouse();
beforeAll(() => house.open());
afterAll(() => house.close());

/** Answers every kind of call as some pattern needs it. */
const script: Script = ({ kind, role }): Answer => {
  if (kind === 'bid') return { output: { bid: { price: 1, etaMs: 1 } } };
  if (kind === 'plan') return { output: { tasks: [{ id: 'a', capability: 'x' }] } };
  if (kind === 'decide')
    return { output: { subtasks: [{ id: 'a', capability: 'x' }], next: 'x', score: 1, keep: 'proposed' } };
  return { output: role === 'checker' ? true : 'done' };
};
const call = { capability: 'x' };
const NESTED = [
  { pattern: 'agent', with: { ...call, gates: [{ judge: { ...call, threshold: 0.5 } }] } },
  {
    pattern: 'sequential',
    with: {
      steps: [
        { name: 'a', ...call },
        { name: 'b', ...call },
      ],
    },
  },
  { pattern: 'concurrent', with: { branches: [call, call], aggregate: { reduce: call } } },
  { pattern: 'workers', with: { items: [1, 2], worker: call, synthesize: call } },
  { pattern: 'market', with: { task: call, bidDeadline: 'PT1S' } },
  { pattern: 'consensus', with: { voters: { agents: ['ann', 'bob'] } } },
  { pattern: 'handoff', with: { targets: [call] } },
  { pattern: 'groupChat', with: { participants: [call], manager: { agent: 'chair' }, maxRounds: 1 } },
  { pattern: 'groupChat', with: { makerChecker: { maker: call, checkers: [call] } } },
  {
    pattern: 'blackboard',
    with: { sources: [{ ...call, name: 's', maxActivations: 1 }], control: { agent: 'chair' } },
  },
  { pattern: 'plan', with: { goal: 'g', planner: call, allow: ['x'] } },
  { pattern: 'hierarchy', with: { manager: call } },
].map((task) => [task.pattern, task] as const);

describe('what is said around a nested pattern', () => {
  it.each(NESTED)(
    'reaches every call of %s: time-out, retries, labels; and so does the priority of the run',
    async (_, task) => {
      const around = {
        timeout: { attempt: 'PT6S', total: 'PT7S' },
        retry: { maxAttempts: 9 },
        labels: { tier: 'gold' },
      };
      const steps = [{ name: 'in', ...task }];
      const options = { candidates: ['ann', 'bob'], priority: 'high' as const };
      await house.run('sequential', { ...around, steps }, silent, script, options);
      // Bids, and what bidders are told, have the time of the market.
      const isOwn = ({ kind }: { kind?: string }) => task.pattern !== 'market' || kind === undefined;
      const terms = house.agents.batches.flatMap((batch) => batch.terms).filter(isOwn);
      expect(terms.length).toBeGreaterThan(0);
      for (const { timeout, retry, target } of terms)
        expect([timeout, retry.maxAttempts, target.labels]).toEqual([
          { attemptMs: 6_000, totalMs: 7_000 },
          9,
          { tier: 'gold' },
        ]);
      expect(new Set(house.agents.batches.map(({ priority }) => priority))).toEqual(new Set(['high']));
    },
  );

  it('is what the pattern says itself where it does', async () => {
    const inner = { pattern: 'sequential', with: { timeout: { total: 'PT3S' }, steps: [{ name: 'a', ...call }] } };
    await house.run('sequential', { timeout: { total: 'PT7S' }, steps: [{ name: 'in', ...inner }] }, silent, script);
    expect(house.agents.batches[0]?.terms[0]?.timeout).toEqual({ attemptMs: 30_000, totalMs: 3_000 });
  });
});

describe('the deadline of a run', () => {
  const deep = (task: object) => ({
    branches: [{ pattern: 'sequential', with: { steps: [{ name: 'a', pattern: 'agent', with: task }] } }],
  });
  const soon = { deadlineMs: 1_500 };

  it.each([
    ['a call', call, (() => ({ output: 1, afterMs: 30_000 })) as Script],
    ['an approval', { ...call, approval: { before: true } }, script],
    [
      'a fallback to a person',
      { ...call, fallback: [{ approval: {} }] },
      (() => ({ fail: 'agent.permanent' })) as Script,
    ],
    [
      'a question of an agent',
      call,
      (() => ({ fail: 'agent.input_required', asked: { question: 'Which?' } })) as Script,
    ],
    [
      'a budget that asks for more',
      { ...call, budget: { calls: 1, onExceeded: 'approval' } },
      (() => ({ fail: 'agent.budget', budget: { place: '/branches/0/steps/a', limit: 'calls' } })) as Script,
    ],
  ])('ends %s deep inside, however long it may wait by itself', async (_, task, answers) => {
    const { end } = await house.run('concurrent', deep(task), saying(), answers, soon);
    expect(end.slice(0, 2)).toEqual(['timed_out', 'deadline']);
  });

  it('does not wait for what is due first', async () => {
    const task = { ...call, approval: { before: true, due: 'PT0.2S', onTimeout: 'approve' } };
    const { end } = await house.run('concurrent', deep(task), silent, script, { deadlineMs: 30_000 });
    expect(end[0]).toBe('completed');
  });
});
