import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AgentRequest } from '../../contracts/agent-protocol.js';
import type { Json } from '../../contracts/json.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { accountOf, killedInTheMiddle } from '../support/killed-in-the-middle.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const LEAVES = 10;

/** The first manager leads two teams, each of five; a manager's report is the sum of what it was told. */
function answer(input: Json, { kind }: AgentRequest): Json {
  const { reports, input: work } = (input ?? {}) as { reports?: { output: number }[]; input?: Json };
  if (reports) return reports.reduce((sum, { output }) => sum + output, 0);
  if (kind === 'task') return 1;
  const teams = ['north', 'south'].map((id) => ({ id, team: { capability: 'lead' }, input: id }));
  const workers = Array.from({ length: LEAVES / 2 }, (_, at) => ({ id: `w${at}`, capability: 'count' }));
  return { subtasks: work === 'all' ? teams : workers };
}

describe('hierarchy with the launched product', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  let slow: CountingAgent;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(150, answer);
    slow = await CountingAgent.listen(60_000, answer);
    for (const name of ['lead', 'count']) await brikk.register(name, name, agent.url, { maxConcurrency: 100 });
    await brikk.register('slow', 'slow', slow.url, { maxConcurrency: 100 });
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
    await slow?.close();
  });

  it('ends like an undisturbed run when the worker is killed in the middle', async () => {
    const run = { pattern: 'hierarchy', with: { manager: { capability: 'lead' } }, input: 'all' };
    const undisturbed = await brikk.finished((await brikk.start(run)).id);
    expect(undisturbed).toMatchObject({ status: 'completed', output: LEAVES });

    const { run: disturbed, calls } = await killedInTheMiddle(brikk, agent, run, 5);
    const sorted = ({ calls: made, end }: ReturnType<typeof accountOf>) => ({
      end,
      calls: made.map(String).toSorted(),
    });
    expect(sorted(accountOf(disturbed))).toEqual(sorted(accountOf(undisturbed)));
    // What was in flight when the worker died is asked again, and nothing else.
    expect(calls).toBeLessThanOrEqual(undisturbed.contributions.length + LEAVES);
  });

  it('reaches every leaf at once when the run is canceled', async () => {
    const members = Array.from({ length: LEAVES / 2 }, (_, at) => ({ name: `w${at}`, capability: 'slow' }));
    const tree = { members: ['north', 'south'].map((name) => ({ name, team: { members } })) };
    const { id } = await brikk.start({ pattern: 'hierarchy', with: { tree } });
    await slow.reached(LEAVES);
    const canceledAt = Date.now();
    await brikk.call('POST', `/v1/runs/${id}/cancel`);
    await until(() => slow.hungUpAt.length === LEAVES);
    expect(Math.max(...slow.hungUpAt) - canceledAt).toBeLessThan(10_000);
    expect(await brikk.finished(id)).toMatchObject({ status: 'canceled', terminationReason: 'canceled' });
  });
});
