import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { seenOf } from '../../test/support/market-records.js';
import { ScriptedAgents } from '../../test/support/scripted-agents.js';
import { type Bidder, houseOf, offer } from '../../test/support/scripted-bidders.js';
import { startRun, type RunOptions } from '../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

const price = (...bids: (number | null)[]): Bidder => ({ bids });

async function runMarket(bidders: Record<string, Bidder>, params: object = {}, options: RunOptions = {}) {
  agents = new ScriptedAgents(houseOf(bidders), Object.keys(bidders));
  const handle = await startRun(worker, 'market', { task: { capability: 'sort' }, ...params } as Json, 'task', options);
  const status = await handle.result();
  return { status, ...seenOf(agents) };
}

const THREE = { a: price(0.55), b: price(0.4), c: price(0.7) };

describe('market', () => {
  it.each([
    ['contract-net', 0.4],
    ['first-price', 0.4],
    ['vickrey', 0.55],
  ])('gives the task to the lowest offer and pays by %s', async (mechanism, paid) => {
    const { status, end, settled, answers, calls } = await runMarket(THREE, { mechanism });
    expect([status, end?.terminationReason, end?.json, end?.rounds]).toEqual(['completed', 'done', 'b did "task"', 1]);
    expect(settled).toEqual([
      expect.objectContaining({
        agent: 'b',
        priceUsd: paid,
        outcome: 'kept',
        promised: expect.objectContaining({ priceUsd: 0.4 }),
      }),
    ]);
    expect(answers).toEqual({ a: 'reject', b: 'accept', c: 'reject' });
    expect(calls.filter(({ kind }) => kind === 'decide')).toHaveLength(3);
    expect(calls.find(({ role }) => role === 'winner')).toMatchObject({
      round: 1,
      target: { capability: 'sort', agent: 'b' },
    });
  });

  it.each([
    ['the reserve when nobody else bids', { reserve: 1 }, { a: price(0.5), b: price(3) }, 1],
    ['its own offer when there is no reserve either', {}, { a: price(0.5), b: price(null) }, 0.5],
  ])('pays a Vickrey winner %s', async (_, params, bidders, paid) => {
    const { settled } = await runMarket(bidders, { mechanism: 'vickrey', ...params });
    expect(settled[0]).toMatchObject({ agent: 'a', priceUsd: paid });
  });

  it('ranks a contract net by score over bid and bidder, the lowest first', async () => {
    const bidders = { slow: { bids: [1], etaMs: 9_000 }, quick: { bids: [2], etaMs: 1_000 } };
    const { settled, decisions } = await runMarket(bidders, { score: '.price + .etaMs / 1000' });
    expect(settled[0]).toMatchObject({ agent: 'quick', priceUsd: 2 });
    const history = { successRate: null, reputation: null, latencyMs: null, costUsd: null };
    expect(decisions.find(({ what }) => what === 'bids')?.scores).toMatchObject([
      { agent: 'slow', price: 1, etaMs: 9_000, score: 10, bidder: history },
      { agent: 'quick', price: 2, etaMs: 1_000, score: 3, bidder: history },
    ]);
  });

  it('lets English bidders undercut each other until maxRounds, without asking the leader', async () => {
    const bidders = { a: price(100, 80, 80), b: price(90, 90, 79), c: price(95, 85, null) };
    const { settled, calls, end } = await runMarket(bidders, { mechanism: 'english' });
    expect(settled[0]).toMatchObject({ agent: 'b', priceUsd: 79 });
    const asked = (round: number) =>
      calls.flatMap((call) => (call.kind === 'bid' && call.round === round ? (call.target.agent ?? '') : []));
    expect([asked(1), asked(2), asked(3)]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c'],
      ['b', 'c'],
    ]);
    expect(end?.rounds).toBe(3);
  });

  it('ends English bidding when nobody undercuts by enough, and the leader keeps its price', async () => {
    const bidders = { a: price(100), b: price(101, 99.5) };
    const { settled, end } = await runMarket(bidders, { mechanism: 'english', maxRounds: 50 });
    expect([settled[0]?.agent, settled[0]?.priceUsd, end?.rounds]).toEqual(['a', 100, 2]);
  });

  it('raises the Dutch price in steps until the first taker, who gets that price', async () => {
    const bidders = { a: { bids: [], takesFrom: 5 }, b: { bids: [], takesFrom: 8 } };
    const { settled, end } = await runMarket(bidders, { mechanism: 'dutch', reserve: 9 });
    expect([settled[0]?.agent, settled[0]?.priceUsd, end?.rounds]).toEqual(['a', 6, 2]);
  });

  it('gives up the slower bidders as soon as the Dutch price is taken', async () => {
    const bidders = { a: { bids: [], bid: { output: offer(1), afterMs: 20_000 } }, b: { bids: [], takesFrom: 1 } };
    const { settled, statuses } = await runMarket(bidders, { mechanism: 'dutch', reserve: 9, bidDeadline: 'PT30S' });
    expect([settled[0]?.agent, statuses]).toEqual(['b', { a: 'canceled', b: 'offer' }]);
    await until(() => agents.canceled.length === 1);
  });

  it('iterates while a round improves the best offer by enough, and tells the price to beat', async () => {
    const bidders = { a: price(10, 10, 7.99), b: price(12, 8, 8) };
    const { settled, calls, end } = await runMarket(bidders, { mechanism: 'iterated', maxRounds: 9 });
    expect([settled[0]?.agent, settled[0]?.priceUsd, end?.rounds]).toEqual(['a', 7.99, 3]);
    const told = calls
      .filter(({ kind, round }) => kind === 'bid' && round === 2)
      .map(({ input }) => agents.json(input));
    expect(told[0]).toMatchObject({ best: { price: 10 }, task: 'task', round: 2 });
    expect(told[0]).not.toHaveProperty('offers');
  });

  it('shows bidders the offers of the rounds before where bidding is not sealed', async () => {
    const { calls } = await runMarket({ a: price(10), b: price(12) }, { mechanism: 'iterated', sealed: false });
    const second = calls.find(({ kind, round }) => kind === 'bid' && round === 2);
    expect(second && agents.json(second.input)).toMatchObject({
      offers: [
        { agent: 'a', price: 10 },
        { agent: 'b', price: 12 },
      ],
    });
  });

  it('counts late, malformed, refused, dear and broken bids and awards none of them', async () => {
    const bidders = {
      late: { bids: [], bid: { fail: 'agent.timeout' } },
      malformed: { bids: [], bid: { output: { bid: { price: -1, etaMs: 0 } } } },
      refuses: price(null),
      dear: price(9),
      broken: { bids: [], bid: { fail: 'agent.transient' } },
      good: price(3),
    };
    const { settled, statuses, answers } = await runMarket(bidders, { reserve: 5 });
    expect(settled.map(({ agent }) => agent)).toEqual(['good']);
    expect(statuses).toEqual({
      late: 'late',
      malformed: 'malformed',
      refuses: 'refused',
      dear: 'too_high',
      broken: 'failed',
      good: 'offer',
    });
    expect(answers).toEqual({ good: 'accept' });
  });

  it.each([
    [
      'all refuse',
      { a: price(null), b: price(null) },
      {},
      'no_bids',
      /0 of 2 agents made an offer \(2 refused\); 1 needed/,
    ],
    ['too few offer', { a: price(1), b: price(null) }, { minBids: 2 }, 'no_bids', /1 of 2 .* 2 needed/],
    ['there is nobody', {}, { bidDeadline: 'PT0.1S' }, 'no_candidate', /nobody to ask/],
    ['a score is no number', { a: price(1) }, { score: '.agent' }, 'no_bids', /1 malformed/],
    ['a score fails', { a: price(1) }, { score: '.price | keys' }, 'no_bids', /1 malformed/],
  ])('fails with its reason when %s', async (_, bidders, params, reason, message) => {
    const { status, end } = await runMarket(bidders, params);
    expect([status, end?.terminationReason]).toEqual(['failed', reason]);
    expect(end?.error?.message).toMatch(message);
  });

  it('answers the offers it cannot award when there are too few', async () => {
    const { answers } = await runMarket({ a: price(1), b: price(null) }, { minBids: 2 });
    expect(answers).toEqual({ a: 'reject' });
  });

  it('raises the reserve until there are bids', async () => {
    const { settled, end } = await runMarket({ a: price(2) }, { reserve: 1, onNoBids: 'raiseReserve' });
    expect([settled[0]?.priceUsd, end?.rounds]).toEqual([2, 3]);
  });

  it('asks eligible agents only, and everyone when it widens', async () => {
    const bidders = { a: price(null), b: price(2) };
    const narrow = await runMarket(bidders, { eligible: '.agent == "a"' });
    expect([narrow.end?.terminationReason, narrow.statuses]).toEqual(['no_bids', { a: 'refused' }]);
    const wide = await runMarket(bidders, { eligible: '.agent == "a"', onNoBids: 'widen' });
    expect(wide.settled[0]).toMatchObject({ agent: 'b' });
  });

  it('goes to the next best when the winner defaults, and settles both', async () => {
    const bidders = { ...THREE, b: { bids: [0.4], work: { fail: 'agent.unavailable' } } };
    const { status, end, settled, answers, calls, decisions } = await runMarket(bidders, { mechanism: 'vickrey' });
    expect([status, end?.json]).toEqual(['completed', 'a did "task"']);
    const awards = decisions.filter(({ what }) => what === 'award');
    expect(awards.map(({ candidates, scores, chosen }) => [chosen, candidates, scores])).toEqual([
      ['b', ['b', 'a', 'c'], { price: 0.55, offered: 0.4, nextOffered: 0.55, runnersUp: [0.55, 0.7] }],
      ['a', ['a', 'c'], { price: 0.7, offered: 0.55, nextOffered: 0.7, runnersUp: [0.7] }],
    ]);
    expect(settled.map(({ agent, outcome, priceUsd }) => [agent, outcome, priceUsd])).toEqual([
      ['b', 'defaulted', 0.55],
      ['a', 'kept', 0.7],
    ]);
    expect(answers).toEqual({ a: 'accept', b: 'accept', c: 'reject' });
    expect(calls.filter(({ kind }) => kind === 'decide')).toHaveLength(3);
    expect(end?.warnings).toEqual([expect.stringMatching(/^b won and defaulted/)]);
  });

  it('auctions again without the one who defaulted', async () => {
    const bidders = { a: price(1, 3), b: price(2, 1.5) };
    const broken = { ...bidders, a: { ...bidders.a, work: { fail: 'agent.permanent' } } };
    const { settled, end } = await runMarket(broken, { onDefault: 'reauction' });
    expect(settled.map(({ agent, priceUsd }) => [agent, priceUsd])).toEqual([
      ['a', 1],
      ['b', 1.5],
    ]);
    expect(end?.rounds).toBe(2);
  });

  it('fails when everyone defaults', async () => {
    const work = { fail: 'agent.permanent' };
    const { status, end, settled } = await runMarket({ a: { bids: [1], work }, b: { bids: [2], work } });
    expect([status, end?.terminationReason, settled.length]).toEqual(['failed', 'agent_failed', 2]);
  });

  it('awards several, pays them the first offer that lost, and lists their outputs best first', async () => {
    const bidders = { a: price(3), b: price(1), c: price(2) };
    const { end, settled } = await runMarket(bidders, { mechanism: 'vickrey', award: { count: 2 } });
    expect(end?.json).toEqual(['b did "task"', 'c did "task"']);
    expect(settled.map(({ priceUsd }) => priceUsd)).toEqual([3, 3]);
  });

  it('ends partial when fewer than wanted could do it', async () => {
    const bidders = { a: price(1), b: { bids: [2], work: { fail: 'agent.permanent' } } };
    const { status, end } = await runMarket(bidders, { award: { count: 2 } });
    expect([status, end?.json]).toEqual(['partial', ['a did "task"']]);
  });

  it('does not mind agents that take no answers', async () => {
    agents = new ScriptedAgents(
      (call) =>
        call.kind === 'decide' ? { fail: 'agent.rejected' } : { output: call.kind === 'bid' ? offer(1) : 'done' },
      ['a', 'b'],
    );
    const handle = await startRun(worker, 'market', { task: { capability: 'sort' } });
    expect(await handle.result()).toBe('completed');
  });

  it('rejects the losers and cancels the winner when it is canceled in the middle', async () => {
    const bidders = { ...THREE, b: { bids: [0.4], work: { output: 1, afterMs: 20_000 } } };
    agents = new ScriptedAgents(houseOf(bidders), Object.keys(bidders));
    const handle = await startRun(worker, 'market', { task: { capability: 'sort' } });
    await until(() => agents.keys.includes('work/b'));
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    const { answers, settled } = seenOf(agents);
    expect([answers, settled[0]?.outcome]).toEqual([{ a: 'reject', b: 'accept', c: 'reject' }, 'canceled']);
  });

  it('ends timed_out when the deadline passes while bids are awaited', async () => {
    const slow = { bids: [], bid: { output: offer(1), afterMs: 20_000 } };
    const { status } = await runMarket({ slow }, { bidDeadline: 'PT30S' }, { deadlineMs: 700 });
    expect(status).toBe('timed_out');
  });

  it('can be a step of another pattern', async () => {
    agents = new ScriptedAgents(houseOf(THREE), Object.keys(THREE));
    const nested = { pattern: 'market', with: { task: { capability: 'sort' } } };
    const steps = [{ name: 'one', ...nested }];
    const handle = await startRun(worker, 'sequential', { steps } as Json, 1);
    expect(await handle.result()).toBe('completed');
    expect(agents.end?.json).toBe('b did 1');
    expect(agents.keys).toContain('steps/one/work/b');
  });
});
