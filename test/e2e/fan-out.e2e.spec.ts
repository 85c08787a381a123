import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';

jest.setTimeout(180_000);

const INSTANCES = 1_000;
let brikk: LaunchedBrikk;
let agent: CountingAgent;

beforeAll(async () => {
  brikk = await LaunchedBrikk.up();
  agent = await CountingAgent.listen(100, (input) => (input as number) * 2);
  const numbers = Array.from({ length: INSTANCES }, (_, index) => index);
  await Promise.all(numbers.map((index) => brikk.register('doubler', 'double', `${agent.url}/instances/${index}`)));
});
afterAll(async () => {
  await brikk?.down();
  await agent?.close();
});

it('spreads 1,000 items over 1,000 instances and gives exact results in the order of the items', async () => {
  const items = Array.from({ length: INSTANCES }, (_, index) => index);
  const { id } = await brikk.start({ pattern: 'concurrent', with: { items, branch: { capability: 'double' } } });
  const run = await brikk.finished(id);
  expect(run.status).toBe('completed');
  expect(run.output).toEqual(items.map((item) => item * 2));
  expect(agent.askedAt.size).toBe(INSTANCES);
  expect(agent.calls).toBe(INSTANCES);

  const events = await brikk.events(id);
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter(({ type }) => type === 'call.finished')).toHaveLength(INSTANCES);
  expect(run.contributions).toHaveLength(INSTANCES);
});
