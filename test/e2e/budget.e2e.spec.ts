import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { killedInTheMiddle } from '../support/killed-in-the-middle.js';

jest.setTimeout(120_000);

const items = Array.from({ length: 100 }, (_, index) => index);

describe('a budget with the launched product', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(50);
    const priced = { capabilities: [{ name: 'work', cost: { usd: 0.04 } }], maxConcurrency: 100 };
    await brikk.register('work', 'work', agent.url, priced);
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
  });

  it('makes of 100 calls at once exactly those that fit, and completes with what they gave', async () => {
    const before = agent.calls;
    const { id } = await brikk.start({
      pattern: 'concurrent',
      with: { items: '${ . }', branch: { capability: 'work' } },
      input: items,
      budget: { costUsd: 1, onExceeded: 'degrade' },
    });
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'partial', terminationReason: 'budget', degraded: true });
    expect(agent.calls - before).toBe(25);
    expect((run.output as unknown[]).filter((value) => value !== null)).toHaveLength(25);
    expect(run.budget).toEqual({
      limits: { costUsd: 1, onExceeded: 'degrade' },
      used: { costUsd: 1 },
      reserved: { costUsd: 0 },
      left: { costUsd: 0 },
    });
    const types = (await brikk.events(id)).map(({ type }) => type);
    expect(types.filter((type) => type === 'budget.refused').length).toBeGreaterThan(0);
    expect(types.filter((type) => type === 'budget.exceeded')).toHaveLength(1);
    expect(await brikk.brikk(['runs', 'get', id])).toMatch(/^budget {4}costUsd 1 of 1$/m);
  });

  it('spends no more, and loses nothing of it, when the worker is killed in the middle', async () => {
    const body = {
      pattern: 'workers',
      with: { items: '${ . }', worker: { capability: 'work' }, maxConcurrency: 4, budget: { calls: 12 } },
      input: items,
    };
    const { run } = await killedInTheMiddle(brikk, agent, body, 6);
    expect(run).toMatchObject({
      status: 'budget_exceeded',
      terminationReason: 'budget',
      error: { code: 'agent.budget' },
    });
    expect(run.budget).toMatchObject({ used: { calls: 12 }, reserved: { calls: 0 }, left: { calls: 0 } });
    const made = run.contributions.filter(({ attempts }) => attempts > 0);
    expect(made.reduce((sum, { usage }) => sum + (usage.calls ?? 0), 0)).toBe(12);
  });
});
