import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AgentRequest } from '../../contracts/agent-protocol.js';
import type { Json } from '../../contracts/json.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { killedInTheMiddle } from '../support/killed-in-the-middle.js';

jest.setTimeout(120_000);

/** A diamond; the first plan has a cycle, and goes back. */
function answer(input: Json, { kind }: AgentRequest): Json {
  const { errors = [], results = {} } = input as { errors?: string[]; results?: Record<string, number> };
  if (kind !== 'plan') return 1 + Object.values(results).reduce((sum, value) => sum + value, 0);
  const task = (id: string, ...dependsOn: string[]) => ({ id, capability: 'count', dependsOn });
  const tasks = [task('left', 'top'), task('right', 'top'), task('bottom', 'left', 'right')];
  return { tasks: [...tasks, errors.length === 0 ? task('top', 'bottom') : task('top')] };
}

describe('plan with the launched product', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(150, answer);
    for (const name of ['planner', 'count']) await brikk.register(name, name, agent.url, { maxConcurrency: 100 });
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
  });

  it('ends like an undisturbed run when the worker is killed in the middle', async () => {
    const run = { pattern: 'plan', with: { goal: 'g', planner: { capability: 'planner' }, allow: ['count'] } };
    const undisturbed = await brikk.finished((await brikk.start(run)).id);
    expect(undisturbed).toMatchObject({ status: 'completed', output: { bottom: 5 } });
    expect(undisturbed.warnings).toHaveLength(1);

    const { run: disturbed, calls } = await killedInTheMiddle(brikk, agent, run, 4);
    const { status, output, warnings } = undisturbed;
    expect(disturbed).toMatchObject({ status, output, warnings });
    const keys = ({ contributions }: typeof disturbed) => contributions.map(({ callKey }) => callKey).toSorted();
    expect(keys(disturbed)).toEqual(keys(undisturbed));
    expect(calls).toBeLessThanOrEqual(6 + 2);
  });
});
