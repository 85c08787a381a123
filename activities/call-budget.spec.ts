import { describe, expect, it } from '@jest/globals';
import type { BudgetRefusal } from '../contracts/budget-ledger.js';
import { callOf, createHouse, echo, finished, refuse } from '../test/support/agent-house.js';

const budget = { levels: [{ place: '', limits: { costUsd: 1, tokens: 100, calls: 9 } }] };
const refusal: BudgetRefusal = { place: 'steps/a', limit: 'costUsd', estimate: 0.5, left: 0.25 };

describe('a call under a budget', () => {
  it('is not made when a budget does not cover it: an outcome with its own code, an event, no attempt', async () => {
    const { house, agent, run } = createHouse();
    const triage = await agent('triage', echo);
    house.refuse = () => refusal;
    const [outcome] = await run({ calls: [callOf('a', { budget })] });
    expect(finished(outcome)).toMatchObject({
      status: 'failed',
      attempts: 0,
      usage: { calls: 0 },
      error: {
        code: 'agent.budget',
        message: 'the budget of /steps/a has 0.25 costUsd left, and the call may take 0.5',
        retryable: false,
        budget: { place: '/steps/a', limit: 'costUsd' },
      },
    });
    expect(triage.requests).toEqual([]);
    expect(house.rows.get('a')?.hasReserved).toBe(false);
    const refused = { callKey: 'a', place: '/steps/a', limit: 'costUsd', estimate: 0.5, left: 0.25, agent: 'triage' };
    expect(house.written).toMatchObject([{ type: 'budget.refused', data: refused }]);
  });

  it('reserves what its agent declared, else what its answers kept to, and settles with its row', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo, { costUsd: 0.3 });
    await run({ calls: [callOf('a', { budget })] });
    expect(house.reserved).toMatchObject([
      { callKey: 'a', levels: budget.levels, estimate: { costUsd: 0.3, tokens: 40, calls: 1 }, isForced: false },
    ]);
    expect(house.rows.get('a')).toMatchObject({ status: 'completed', hasReserved: true });
  });

  it('takes the default for an agent about which nothing is known', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo);
    await run({ calls: [callOf('a', { budget })] });
    expect(house.reserved[0]?.estimate).toMatchObject({ costUsd: 0.001 });
  });

  it('asks again for each further attempt, and keeps what failed attempts held', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage1', refuse(500));
    await agent('triage2', refuse(500));
    house.refuse = ({ estimate }) => (estimate.calls > 1 ? { ...refusal, limit: 'calls' } : undefined);
    const [outcome] = await run({ calls: [callOf('a', { budget })] });
    expect(finished(outcome)).toMatchObject({ status: 'failed', attempts: 1, error: { code: 'agent.budget' } });
    expect(house.reserved.map(({ estimate }) => estimate.calls)).toEqual([1, 2]);
    expect(house.rows.get('a')?.hasReserved).toBe(true);
  });

  it('goes to an agent that was called before where no further one is allowed', async () => {
    const { house, agent, run } = createHouse();
    const stranger = await agent('stranger', echo);
    const known = await agent('known', echo);
    house.refuse = ({ agentId }) => (agentId === 'id-stranger' ? { ...refusal, limit: 'agents' } : undefined);
    const calls = ['a', 'b', 'c'].map((key) => callOf(key, { budget }));
    const outcomes = await run({ calls });
    expect(outcomes.map((outcome) => finished(outcome).status)).toEqual(['completed', 'completed', 'completed']);
    expect([stranger.requests.length, known.requests.length]).toEqual([0, 3]);
  });

  it('ends when none of its agents is allowed', async () => {
    const { house, agent, run } = createHouse();
    await agent('stranger', echo);
    house.refuse = () => ({ ...refusal, limit: 'agents' });
    const [outcome] = await run({ calls: [callOf('a', { budget })] });
    expect(finished(outcome).error).toMatchObject({
      code: 'agent.budget',
      message: 'the budget of /steps/a allows no further agent',
    });
  });

  it('asks no ledger when it has no budget', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo);
    await run({ calls: [callOf('a')] });
    expect(house.reserved).toEqual([]);
  });
});
