import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';

jest.setTimeout(60_000);

interface Order {
  customer: string;
  n: number;
}
const ORDERS = Array.from({ length: 24 }, (_, n): Order => ({ customer: `c${n % 4}`, n }));

describe('workers over real agents', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  const served: Order[] = [];

  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(100, (input) => {
      served.push(input as unknown as Order);
      return (input as unknown as Order).n * 2;
    });
    await brikk.register('clerk', 'book', agent.url, { maxConcurrency: 100 });
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
  });

  it('do every item in the order of its key although the worker process is killed in the middle', async () => {
    const { id } = await brikk.start({
      pattern: 'workers',
      with: { items: '${ . }', worker: { capability: 'book' }, partitionKey: '.customer' },
      input: ORDERS,
    });
    await agent.reached(9);
    process.kill((await brikk.status()).workers[0]!.pid, 'SIGKILL');
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: ORDERS.map(({ n }) => n * 2), warnings: [] });
    expect(run.contributions).toHaveLength(ORDERS.length);

    for (const customer of ['c0', 'c1', 'c2', 'c3']) {
      const order = [...new Set(served.filter((one) => one.customer === customer).map(({ n }) => n))];
      expect(order).toEqual(order.toSorted((one, other) => one - other));
    }
    // Only what was under way when the process died, at most one item of each key, was asked again.
    expect(agent.calls).toBeLessThanOrEqual(ORDERS.length + 4);
  });
});
