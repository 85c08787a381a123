import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Agent, AgentSummary } from '../../contracts/agents.js';
import type { Feedback } from '../../contracts/feedback.js';
import type { Run } from '../../contracts/runs.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';

jest.setTimeout(120_000);

/** All bid the same; the names say how they vote. */
const NAMES = ['yes-1', 'no-1', 'no-2'];

describe('feedback with the launched product', () => {
  let brikk: LaunchedBrikk;
  const agents: CountingAgent[] = [];
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    for (const name of NAMES) {
      const agent = await CountingAgent.listen(name === 'no-1' ? 0 : 60, (_, { kind }) =>
        kind === 'bid' ? { bid: { price: 1, etaMs: 10 } } : (name.split('-')[0] ?? ''),
      );
      agents.push(agent);
      await brikk.register(name, 'judge', agent.url);
    }
  });
  afterAll(async () => {
    await brikk?.down();
    await Promise.all(agents.map((agent) => agent.close()));
  });

  const run = async (pattern: string, params: object): Promise<Run> =>
    brikk.finished((await brikk.start({ pattern, with: params, input: 'ship?' })).id);
  const rate = (id: string, body: object) => brikk.call<Feedback>('POST', `/v1/runs/${id}/feedback`, body);
  const reputationOf = async (name: string) => {
    const { items } = await brikk.call<{ items: AgentSummary[] }>('GET', '/v1/agents');
    const { statistics } = await brikk.call<Agent>('GET', `/v1/agents/${items.find((one) => one.name === name)!.id}`);
    return statistics.find(({ capability }) => capability === 'judge')?.reputation ?? null;
  };

  it('moves reputations, and with them who wins a tie and what a vote counts', async () => {
    const market = { task: { capability: 'judge' }, tieBreak: 'reputation' };
    const voters = { voters: { capability: 'judge', count: 3 }, method: 'weighted', rounds: 1 };
    const before = await run('consensus', voters);
    expect(before).toMatchObject({ status: 'completed', output: 'no', feedback: [] });

    // The choice was wrong: who voted for it is worth less now, who voted against it more.
    await rate(before.id, { score: 0.1, comment: 'it should have shipped' });
    expect(await Promise.all(NAMES.map(reputationOf))).toEqual([0.9, 0.1, 0.1]);
    expect((await brikk.call<Run>('GET', `/v1/runs/${before.id}`)).feedback).toMatchObject([
      { score: 0.1, comment: 'it should have shipped' },
    ]);

    const after = await run('consensus', { ...voters, weights: 'measured' });
    expect(after).toMatchObject({ status: 'completed', output: 'yes' });
    expect(after.decisions.find(({ what }) => what === 'weights')).toMatchObject({ scores: [0.1, 0.1, 0.9] });

    const sold = await run('market', market);
    expect(sold.contributions.find(({ role }) => role === 'winner')?.agent).toBe('yes-1');
    // It had promised 10 ms and took 60: the market holds it to its bid.
    expect(await reputationOf('yes-1')).toBeLessThan(0.6);
    const chosen = await run('market', { ...market, eligible: '(.reputation // 0) < 0.5', tieBreak: 'earliest' });
    expect(chosen.contributions.find(({ role }) => role === 'winner')?.agent).toBe('no-1');
  });

  it('is given on the command line, of a call, and its last word stands', async () => {
    const { id, contributions } = await run('agent', { agent: 'no-2' });
    const callKey = contributions[0]!.callKey;
    const give = (score: string) => brikk.brikk(['runs', 'feedback', id, '--score', score, '--call', callKey]);
    expect(await give('0.4')).toBe(`Run ${id}, call ${callKey}, was rated 0.4.\n`);
    expect(await give('0.7')).toMatch(/was rated 0.7/);
    expect(await brikk.brikk(['runs', 'get', id])).toMatch(/^feedback {2}0.7 for call$/m);
    expect((await brikk.call<Run>('GET', `/v1/runs/${id}`)).contributions).toMatchObject([{ callKey, score: 0.7 }]);
    expect(await reputationOf('no-2')).toBeCloseTo((0.7 + 0.995 * 0.1) / 1.995, 6);
    await expect(give('2')).rejects.toThrow(/score/);
    const { items } = await brikk.call<{ items: { action: string; target: string }[] }>('GET', '/v1/audit');
    expect(items.filter(({ action, target }) => action === 'run.rated' && target === id)).toHaveLength(2);
  });
});
