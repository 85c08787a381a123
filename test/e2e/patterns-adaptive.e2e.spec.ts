import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Run } from '../../contracts/runs.js';
import { TaskRejected } from '../../sdk/agent.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { accountOf, killedInTheMiddle } from '../support/killed-in-the-middle.js';

jest.setTimeout(60_000);

const wide = { items: '${ . }', branch: { capability: 'double' }, maxInFlight: 2 };
const ways = [
  { name: 'quick', capability: 'refuse' },
  { name: 'thorough', pattern: 'concurrent', with: wide },
];

describe('a run whose worker is killed in the middle', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  let refuser: CountingAgent;

  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(250, (input) => (typeof input === 'number' ? 2 * input : input));
    refuser = await CountingAgent.listen(0, () => {
      throw new TaskRejected('too much for me');
    });
    await brikk.register('doubler', 'double', agent.url, { maxConcurrency: 10 });
    await brikk.register('refuser', 'refuse', refuser.url);
  });
  afterAll(async () => {
    await brikk?.down();
    await Promise.all([agent, refuser].map((one) => one?.close()));
  });

  it.each([
    { pattern: 'agent', with: { capability: 'double' }, input: 21, output: 42, calls: 1, afterCalls: 1, atOnce: 1 },
    {
      pattern: 'concurrent',
      with: wide,
      input: [1, 2, 3, 4, 5, 6],
      output: [2, 4, 6, 8, 10, 12],
      calls: 6,
      afterCalls: 3,
      atOnce: 2,
    },
    {
      pattern: 'adaptive',
      with: { candidates: ways },
      input: [1, 2, 3, 4],
      output: [2, 4, 6, 8],
      calls: 4,
      afterCalls: 3,
      atOnce: 2,
    },
  ])('ends like an undisturbed one: $pattern', async ({ output, calls, afterCalls, atOnce, ...body }) => {
    const undisturbed = await brikk.finished((await brikk.start(body)).id);
    expect(undisturbed).toMatchObject({ status: 'completed', output });
    const refusals = refuser.calls;
    const disturbed = await killedInTheMiddle(brikk, agent, body, afterCalls);
    expect(told(disturbed.run)).toEqual(told(undisturbed));
    // What was under way may be asked again, what is journaled is not.
    expect(disturbed.calls).toBeGreaterThanOrEqual(calls);
    expect(disturbed.calls).toBeLessThanOrEqual(calls + atOnce);
    expect(refuser.calls - refusals).toBe(body.pattern === 'adaptive' ? 1 : 0);
  });
});

/** Branches may end in any order, and which was the slowest is a matter of milliseconds. */
function told(run: Run) {
  const { calls, decisions, end } = accountOf(run);
  return {
    end,
    decisions: decisions.map(({ what, rule, chosen }) => [what, rule, chosen]),
    calls: calls.toSorted(([one], [other]) => String(one).localeCompare(String(other))),
  };
}
