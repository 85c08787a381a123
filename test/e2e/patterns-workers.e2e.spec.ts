import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../../contracts/json.js';
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

  it('never use more of a resource than there is, and give all of it back, when the worker process is killed in the middle', async () => {
    await brikk.call('PUT', '/v1/resources/press', { capacity: 3 });
    const atWork = new Set<Json>();
    let most = 0;
    const printer = await CountingAgent.listen(0, async (input) => {
      atWork.add(input);
      most = Math.max(most, atWork.size);
      await sleep(150);
      atWork.delete(input);
      return input;
    });
    try {
      await brikk.register('printer', 'print', printer.url, { maxConcurrency: 100 });
      const { id } = await brikk.start({
        pattern: 'workers',
        with: { items: '${ . }', worker: { capability: 'print', needs: { press: 1 } } },
        input: ORDERS.map(({ n }) => n),
      });
      await printer.reached(8);
      const pids = (await brikk.status()).workers.map(({ pid }) => pid);
      process.kill(pids[0]!, 'SIGKILL');
      const run = await brikk.finished(id);
      expect(run).toMatchObject({ status: 'completed', output: ORDERS.map(({ n }) => n) });
      expect(most).toBeLessThanOrEqual(3);
      // What was under way when the process died was asked again under its own lease.
      expect(printer.calls).toBeLessThanOrEqual(ORDERS.length + 3);
      expect(await brikk.call('GET', '/v1/resources/press')).toMatchObject({ held: 0, waiting: 0 });
      const types = (await brikk.events(id)).map(({ type }) => type);
      expect(types.filter((type) => type === 'resource.granted')).toHaveLength(ORDERS.length);
      expect(types).toContain('resource.waiting');
    } finally {
      await printer.close();
    }
  });

  it('of a group get each item exactly once, and another takes over what one fails at', async () => {
    const members = ['north', 'south'];
    const asked = await Promise.all(members.map((name) => CountingAgent.listen(20, () => name)));
    try {
      for (const [place, name] of members.entries()) await brikk.register(name, 'ship', asked[place]!.url);
      const start = { pattern: 'workers', with: { items: '${ . }', worker: { capability: 'ship' }, group: members } };
      const run = await brikk.finished((await brikk.start({ ...start, input: ORDERS })).id);
      expect(run).toMatchObject({ status: 'completed', output: ORDERS.map((_, n) => members[n % 2]) });
      expect(asked.map(({ calls }) => calls)).toEqual([12, 12]);

      const retry = { maxAttempts: 1 };
      const withLost = { ...start.with, group: ['nobody', ...members], maxAttemptsPerItem: 2, retry };
      const timeout = { attempt: 'PT1S', total: 'PT1S' };
      const { id } = await brikk.start({ ...start, with: { ...withLost, timeout }, input: ORDERS.slice(0, 3) });
      expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output: ['north', 'north', 'south'] });
    } finally {
      await Promise.all(asked.map((one) => one.close()));
    }
  });
});
