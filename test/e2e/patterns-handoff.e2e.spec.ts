import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { accountOf, killedInTheMiddle } from '../support/killed-in-the-middle.js';

jest.setTimeout(120_000);

const ROUTE = ['desk', 'billing', 'refunds', 'desk', 'billing', 'refunds'];

/** Passes the work along the route, each holder adding its name. */
function passOn(input: Json): Json {
  const { received } = input as { received: { context: string[] } | null };
  const path = received?.context ?? [];
  const next = ROUTE[path.length + 1];
  const context = [...path, ROUTE[path.length] ?? ''];
  return next === undefined ? context : { handoff: { to: next, reason: 'not mine', context } };
}

describe('handoff with the launched product', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(150, passOn);
    for (const name of new Set(ROUTE)) await brikk.register(name, name, agent.url, { maxConcurrency: 100 });
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
  });

  const run = {
    pattern: 'handoff',
    with: { targets: [...new Set(ROUTE)].map((capability) => ({ capability })) },
    input: 'charged twice',
  };

  it('ends like an undisturbed run when the worker is killed in the middle, and repeats no journaled turn', async () => {
    const undisturbed = await brikk.finished((await brikk.start(run)).id);
    expect(undisturbed).toMatchObject({ status: 'completed', output: ROUTE, rounds: 6 });

    const { run: disturbed, calls } = await killedInTheMiddle(brikk, agent, run, 3);

    expect(accountOf(disturbed)).toEqual(accountOf(undisturbed));
    expect(disturbed.contributions.map(({ role }) => role)).toEqual(ROUTE);
    expect(calls).toBeLessThanOrEqual(7);
  });
});
