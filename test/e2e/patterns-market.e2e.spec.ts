import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BiddingAgent, type Bidding } from '../support/bidding-agent.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

describe('a market of real agents on the launched product', () => {
  let brikk: LaunchedBrikk;
  const open: BiddingAgent[] = [];
  let markets = 0;

  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
  });
  afterEach(async () => {
    for (const agent of open.splice(0)) await agent.die();
  });
  afterAll(() => brikk?.down());

  /** Bidders for a capability of their own, and the parameters of a market for it. */
  const gather = async (bidders: Record<string, Bidding>) => {
    const capability = `sort-${(markets += 1)}`;
    const house: Record<string, BiddingAgent> = {};
    for (const [name, bidding] of Object.entries(bidders)) {
      const agent = await BiddingAgent.listen(bidding);
      open.push(agent);
      house[name] = agent;
      await brikk.register(`${name}-${markets}`, capability, agent.url);
    }
    const start = (params: object = {}) =>
      brikk.start({ pattern: 'market', with: { task: { capability }, ...params }, input: { n: 7 } });
    return { house, start, nameOf: (name: string) => `${name}-${markets}` };
  };
  const settledOf = async (id: string) =>
    (await brikk.events(id)).flatMap((event) => (event.type === 'market.settled' ? [event.data] : []));

  it('pays the lowest bidder the second-best offer, answers everyone once, and settles promise against reality', async () => {
    const { house, start, nameOf } = await gather({ a: { price: 0.55 }, b: { price: 0.4 }, c: { price: 0.7 } });
    const { id } = await start({ mechanism: 'vickrey' });
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: { done: { n: 7 } }, rounds: 1 });
    const roles = run.contributions.map(({ role, round }) => `${role} ${round}`).toSorted();
    expect(roles).toEqual(['accept 1', 'bidder 1', 'bidder 1', 'bidder 1', 'reject 1', 'reject 1', 'winner 1']);
    const [settled] = await settledOf(id);
    expect(settled).toMatchObject({
      agent: nameOf('b'),
      outcome: 'kept',
      priceUsd: 0.55,
      promised: { priceUsd: 0.4, etaMs: 1_000 },
      real: { costUsd: 0.2 },
    });
    expect(settled?.deviation.costUsd).toBeCloseTo(-0.35);
    const told = Object.values(house).map((agent) => agent.asked('decide').map(({ input }) => input));
    expect(told).toMatchObject([[{ award: 'reject' }], [{ award: 'accept', price: 0.55 }], [{ award: 'reject' }]]);
  });

  it('does not wait for a bid past the deadline, and never awards it', async () => {
    const { house, start, nameOf } = await gather({ late: { price: 0.1, bidAfterMs: 5_000 }, inTime: { price: 1 } });
    const { id } = await start({ bidDeadline: 'PT0.4S' });
    expect((await brikk.finished(id)).status).toBe('completed');
    expect(await settledOf(id)).toMatchObject([{ agent: nameOf('inTime'), priceUsd: 1 }]);
    expect(house.late?.asked('task')).toEqual([]);
  });

  it('goes to the next best as soon as the winner is killed after the award, and says so', async () => {
    const { house, start, nameOf } = await gather({ best: { price: 1, workMs: 60_000 }, next: { price: 2 } });
    let killedAt = 0;
    house.best!.onWork = () => {
      killedAt = Date.now();
      void house.best!.die();
    };
    const { id } = await start();
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: { done: { n: 7 } } });
    expect(house.next!.asked('task')[0]!.at - killedAt).toBeLessThan(20_000);
    expect(run.warnings[0]).toContain(`${nameOf('best')} won and defaulted`);
    expect(await settledOf(id)).toMatchObject([
      { agent: nameOf('best'), outcome: 'defaulted' },
      { agent: nameOf('next'), outcome: 'kept', priceUsd: 2 },
    ]);
  });

  it('ends as if undisturbed when the worker is killed during the bidding and during the work', async () => {
    const { house, start, nameOf } = await gather({ a: { price: 3, bidAfterMs: 300 }, b: { price: 2, workMs: 600 } });
    const { id } = await start({ mechanism: 'vickrey' });
    await until(() => house.a!.asked('bid').length > 0);
    await killWorker();
    await until(() => house.b!.asked('task').length > 0, 30_000);
    await killWorker();
    expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output: { done: { n: 7 } }, rounds: 1 });
    expect(await settledOf(id)).toMatchObject([{ agent: nameOf('b'), priceUsd: 3 }]);
    expect(house.a!.asked('task')).toEqual([]);
    const answers = (agent?: BiddingAgent) => new Set(agent?.asked('decide').map(({ key }) => key)).size;
    expect([answers(house.a), answers(house.b)]).toEqual([1, 1]);
  });

  it('trades many items at one price, and does none of them again, when the worker is killed during the work', async () => {
    const { house, start, nameOf } = await gather({
      a: { price: 1, quantity: 2, workMs: 400 },
      b: { price: 2, quantity: 1, workMs: 400 },
      c: { price: 8.5, quantity: 9 },
    });
    const { id } = await start({ mechanism: 'exchange', items: [9, 8, 7], limit: '.' });
    await until(() => house.a!.asked('task').length > 0 && house.b!.asked('task').length > 0);
    await killWorker();
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: [{ done: 9 }, { done: 8 }, { done: 7 }], rounds: 1 });
    const settled = (await settledOf(id)).map(({ agent, priceUsd }) => `${agent} ${priceUsd}`);
    expect(settled.toSorted()).toEqual([`${nameOf('a')} 4.5`, `${nameOf('a')} 4.5`, `${nameOf('b')} 4.5`]);
    const keys = (kind: 'task' | 'decide') =>
      Object.values(house).map((agent) => new Set(agent.asked(kind).map(({ key }) => key)).size);
    expect([keys('task'), keys('decide')]).toEqual([
      [2, 1, 0],
      [1, 1, 1],
    ]);
  });

  it('solves as if undisturbed when the worker is killed in the second round', async () => {
    const { house, start } = await gather({ a: { price: 1 }, b: { price: 1, workMs: 500 } });
    const compiler = await BiddingAgent.listen({ price: 0 });
    open.push(compiler);
    const compile = `compile-${markets}`;
    await brikk.register(compile, compile, compiler.url);
    const { id } = await start({ mechanism: 'solve', maxRounds: 2, aggregate: { capability: compile } });
    await until(() => house.b!.asked('task').length === 2);
    await killWorker();
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', rounds: 2, warnings: [] });
    const roles = run.contributions.map(({ role, round }) => `${role} ${round ?? ''}`.trim()).toSorted();
    expect(roles).toEqual(['aggregator', 'solver 1', 'solver 1', 'solver 2', 'solver 2']);
    const keys = [house.a, house.b, compiler].map((agent) => new Set(agent!.asked('task').map(({ key }) => key)).size);
    expect(keys).toEqual([2, 2, 1]);
    // Only what was under way when the worker died was asked again.
    expect(house.a!.asked('task').length + house.b!.asked('task').length).toBeLessThanOrEqual(6);
  });

  /** Kills the worker that is alive now, also one that has just taken another's place. */
  const killWorker = () => until(async () => (await brikk.status()).workers.some(({ pid }) => kill(pid)), 30_000);
});

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
