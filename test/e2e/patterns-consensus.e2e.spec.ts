import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';

jest.setTimeout(60_000);

/** Votes for its own number first, then for the lowest one it hears of. */
const voter = (own: number) => (input: unknown) => {
  const { votes } = input as { votes?: { vote: number }[] };
  const vote = votes ? Math.min(own, ...votes.map(({ vote: other }) => other)) : own;
  return { vote, reason: `${vote} is low` };
};
const NAMES = ['ann', 'bob', 'cat'];

describe('consensus over real agents', () => {
  let brikk: LaunchedBrikk;
  const agents: CountingAgent[] = [];

  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    for (const [place, name] of NAMES.entries()) {
      const agent = await CountingAgent.listen(400, voter(3 - place));
      agents.push(agent);
      await brikk.register(name, 'judge', agent.url, { maxConcurrency: 10 });
    }
  });
  afterAll(async () => {
    await brikk?.down();
    await Promise.all(agents.map((agent) => agent.close()));
  });

  it('comes to the same result when the worker is killed in the middle of the deliberation', async () => {
    const voters = { capability: 'judge', count: 3 };
    const body = { pattern: 'consensus', with: { voters, method: 'unanimous' }, input: { question: 'how many?' } };
    const undisturbed = await brikk.finished((await brikk.start(body)).id);
    expect(undisturbed).toMatchObject({ status: 'completed', output: 1, rounds: 2, terminationReason: 'rule_met' });

    const asked = agents[0]!.calls;
    const { id } = await brikk.start(body);
    await agents[0]!.reached(asked + 2);
    process.kill((await brikk.status()).workers[0]!.pid, 'SIGKILL');
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: 1, rounds: 2, terminationReason: 'rule_met' });

    const told = (one: typeof run) => one.decisions.map(({ what, scores, chosen }) => ({ what, scores, chosen }));
    expect(told(run)).toEqual(told(undisturbed));
    expect(run.contributions.map(({ agent, round, role }) => [agent, round, role])).toEqual(
      expect.arrayContaining([1, 2].flatMap((round) => NAMES.map((name) => [name, round, 'voter']))),
    );
    const firstRound = [...agents[0]!.askedAt].filter(([key]) => key.startsWith(id) && key.includes('rounds/1'));
    expect(firstRound.map(([, times]) => times.length)).toEqual([1]);
  });
});
