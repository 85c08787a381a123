import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../../contracts/json.js';
import { seenOf } from '../../../test/support/market-records.js';
import { scriptedActivities } from '../../../test/support/scripted-activities.js';
import { type Script, ScriptedAgents } from '../../../test/support/scripted-agents.js';
import { type Bidder, houseOf, offer } from '../../../test/support/scripted-bidders.js';
import { type RunOptions, startRun } from '../../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../../test/support/temporal.js';
import { until } from '../../../test/support/until.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

/** Sells so many units at a price. */
const sells = (price: number, quantity = 1, more: Partial<Bidder> = {}): Bidder => ({
  bids: [],
  bid: { output: offer(price, 100, { quantity }) },
  ...more,
});
const dies = { work: { fail: 'agent.unavailable' } };
/** Each item buys so many units at a limit. */
const wants = (...lots: [limit: number, units: number][]): Json => lots.map(([most, units]) => ({ most, units }));
const TERMS = { mechanism: 'exchange', items: '${ . }', limit: '.most', quantity: '.units' };
const task = { capability: 'sort', input: '${ $index }' };

function start(bidders: Record<string, Bidder>, items: Json, params: object = {}, options: RunOptions = {}) {
  const house = houseOf(bidders);
  const script: Script = (call, given, asked) =>
    call.target.capability === 'desk' ? { output: `desk did ${JSON.stringify(given)}` } : house(call, given, asked);
  agents = new ScriptedAgents(script, Object.keys(bidders));
  return startRun(worker, 'market', { task, ...TERMS, ...params } as Json, items, options);
}

async function exchange(bidders: Record<string, Bidder>, items: Json, params: object = {}) {
  const handle = await start(bidders, items, params);
  const status = await handle.result();
  const seen = seenOf(agents);
  const told = seen.calls.flatMap(({ kind, target, input }) =>
    kind === 'decide' ? [[target.agent ?? '', agents.json(input)] as const] : [],
  );
  const clearings = seen.decisions.filter(({ what }) => what === 'clearing');
  return { status, ...seen, told: Object.fromEntries(told), clearings };
}

describe('an exchange', () => {
  it('trades where limits and offers meet, at one price for all, and answers everyone once', async () => {
    const bidders = { a: sells(3), b: sells(5), c: sells(7) };
    const { end, settled, answers, told, clearings, calls } = await exchange(
      bidders,
      wants([10, 1], [8, 1], [6, 1], [4, 1]),
    );
    expect([end?.status, end?.terminationReason, end?.json]).toEqual([
      'partial',
      'no_bids',
      ['a did 0', 'b did 1', null, null],
    ]);
    const paid = settled.map(({ agent, priceUsd, promised }) => `${agent}: ${priceUsd} for ${promised.priceUsd}`);
    expect(paid.toSorted()).toEqual(['a: 6.5 for 3', 'b: 6.5 for 5']);
    expect(answers).toEqual({ a: 'accept', b: 'accept', c: 'reject' });
    expect(told).toMatchObject({ a: { price: 6.5, items: [0], units: 1 }, c: { bid: { price: 7 } } });
    expect(calls.filter(({ kind }) => kind === 'decide')).toHaveLength(3);
    expect(clearings).toEqual([
      expect.objectContaining({
        chosen: 6.5,
        scores: expect.objectContaining({ items: 4, traded: 2, gainUsd: 10, lossAtMostUsd: 0, left: [2, 3] }),
      }),
    ]);
  });

  it('pays by the unit, and lets one bidder do several items as far as its offer goes', async () => {
    const bidders = { small: sells(1, 2), large: sells(5, 3) };
    const { end, settled, told } = await exchange(bidders, wants([9, 1], [10, 3], [8, 1]));
    expect([end?.status, end?.json]).toEqual(['completed', ['small did 0', 'large did 1', 'small did 2']]);
    expect(settled.map(({ agent, priceUsd }) => `${agent} ${priceUsd}`).toSorted()).toEqual([
      'large 19.5',
      'small 6.5',
      'small 6.5',
    ]);
    expect(told.small).toMatchObject({ award: 'accept', items: [0, 2], units: 2, price: 6.5 });
  });

  it('tells bidders the items and their units, and their limits only where it is not sealed', async () => {
    const asked = async (sealed: boolean) => {
      const { calls } = await exchange({ a: sells(1, 9) }, wants([2, 3]), { sealed });
      return calls.filter(({ kind }) => kind === 'bid').map(({ input }) => agents.json(input));
    };
    const known = { item: 0, quantity: 3, task: 0 };
    expect(await asked(true)).toEqual([{ mechanism: 'exchange', round: 1, tasks: [known] }]);
    expect(await asked(false)).toEqual([{ mechanism: 'exchange', round: 1, tasks: [{ ...known, limit: 2 }] }]);
  });

  it('takes the reserve for the limit of every item, and one unit for its quantity', async () => {
    const params = { limit: undefined, quantity: undefined, reserve: 4 };
    const { end, settled } = await exchange({ a: sells(2, 5) }, ['x', 'y'], params);
    expect([end?.json, settled.map(({ priceUsd }) => priceUsd)]).toEqual([
      ['a did 0', 'a did 1'],
      [2, 2],
    ]);
  });

  it('never awards what is late, malformed, refused or dearer than every limit', async () => {
    const bidders: Record<string, Bidder> = {
      late: { bids: [], bid: { fail: 'agent.timeout' } },
      malformed: { bids: [], bid: { output: offer(1, 100, { quantity: 0 }) } },
      refuses: { bids: [], bid: { output: { refuse: { reason: 'busy' } } } },
      dear: sells(11),
      good: sells(3),
    };
    const { end, statuses, answers } = await exchange(bidders, wants([10, 1]));
    expect(end?.json).toEqual(['good did 0']);
    expect(statuses).toMatchObject({ late: 'late', malformed: 'malformed', refuses: 'refused', dear: 'too_high' });
    expect(answers).toEqual({ good: 'accept' });
  });

  it.each<[string, Record<string, Bidder>, object, string, RegExp]>([
    ['no limit is met', { a: sells(9, 1), b: sells(8, 1) }, {}, 'no_bids', /0 of 2 agents .* \(2 too high\)/],
    ['an item is too large for every offer', { a: sells(1, 1) }, {}, 'no_bids', /no offer meets the limit/],
    ['there are too few offers', { a: sells(1, 9) }, { minBids: 2 }, 'no_bids', /1 of 1 .* 2 needed/],
    ['there is nobody', {}, { bidDeadline: 'PT0.1S' }, 'no_candidate', /nobody to ask/],
    ['a limit is no amount', { a: sells(1) }, { limit: '"much"' }, 'invalid_expression', /limit gave "much"/],
    ['a quantity is no amount', { a: sells(1) }, { quantity: '0' }, 'invalid_expression', /quantity gave 0/],
    ['items are no list', { a: sells(1) }, { items: '3' }, 'invalid_expression', /must give a list/],
  ])('fails with its reason when %s', async (_, bidders, params, reason, message) => {
    const { status, end } = await exchange(bidders, wants([5, 2]), params);
    expect([status, end?.terminationReason]).toEqual(['failed', reason]);
    expect(end?.error?.message).toMatch(message);
  });

  it('gives an item whose winner defaults to the next best with room, at the price that stands', async () => {
    const bidders = { a: sells(1, 1, dies), b: sells(2, 2), c: sells(9, 9) };
    const { end, settled, answers } = await exchange(bidders, wants([6, 1], [5, 1]));
    expect([end?.status, end?.json]).toEqual(['completed', ['b did 0', 'b did 1']]);
    expect(settled.map(({ agent, outcome, priceUsd }) => `${agent} ${outcome} ${priceUsd}`).toSorted()).toEqual([
      'a defaulted 2',
      'b kept 2',
      'b kept 2',
    ]);
    expect(answers).toEqual({ a: 'accept', b: 'accept' });
    expect(end?.warnings).toEqual([expect.stringMatching(/^items\/\d: a won and defaulted/)]);
  });

  it('trades again what a winner defaulted on, without it, where onDefault says so', async () => {
    const bidders = { a: sells(1, 1, dies), b: sells(2, 1) };
    const { end, settled, calls } = await exchange(bidders, wants([6, 1]), { onDefault: 'reauction' });
    expect([end?.json, end?.rounds]).toEqual([['b did 0'], 2]);
    expect(settled.map(({ agent, outcome }) => `${agent} ${outcome}`)).toEqual(['a defaulted', 'b kept']);
    const asked = calls.flatMap((call) => (call.kind === 'bid' && call.round === 2 ? [call.target.agent] : []));
    expect(asked).toEqual(['b']);
  });

  it('raises the limits of what is left over by half, or asks everyone, where onNoBids says so', async () => {
    const raised = await exchange({ a: sells(4, 9) }, wants([5, 1], [2, 1]), { onNoBids: 'raiseReserve' });
    expect([raised.end?.json, raised.end?.rounds]).toEqual([['a did 0', 'a did 1'], 3]);
    expect(raised.clearings.map(({ chosen }) => chosen)).toEqual([4, 4]);
    const params = { eligible: '.agent == "a"', onNoBids: 'widen' };
    const wide = await exchange({ a: sells(9), b: sells(1) }, wants([2, 1]), params);
    expect([wide.end?.json, wide.end?.rounds]).toEqual([['b did 0'], 2]);
  });

  it('leaves to those behind the task what is left over or defaulted on', async () => {
    const behind = { task: { ...task, fallback: [{ capability: 'desk' }] } };
    const unsold = await exchange({ a: sells(3) }, wants([4, 1], [2, 1]), { ...behind, onNoBids: 'fallback' });
    expect([unsold.end?.status, unsold.end?.json, unsold.end?.degraded]).toEqual([
      'completed',
      ['a did 0', 'desk did 1'],
      true,
    ]);
    const lost = await exchange({ a: sells(1, 1, dies), b: sells(2) }, wants([4, 1]), {
      ...behind,
      onDefault: 'fallback',
    });
    expect([lost.end?.json, lost.answers]).toEqual([['desk did 0'], { a: 'accept', b: 'reject' }]);
  });

  it('matches a large exchange greedily and says how far that may be from the best', async () => {
    const items = Array.from({ length: 40 }, (_, place): [number, number] => [10 + (place % 7), 3]);
    const bidders = Object.fromEntries(
      Array.from({ length: 15 }, (_, place) => [`b${String(place).padStart(2, '0')}`, sells(1 + place, 4)]),
    );
    const { end, settled, clearings } = await exchange(bidders, wants(...items));
    const done = ((end?.json ?? []) as Json[]).filter((output) => output !== null).length;
    const { traded, lossAtMostUsd } = (clearings[0]?.scores ?? {}) as { traded: number; lossAtMostUsd: number };
    expect([done, settled.length]).toEqual([traded, traded]);
    expect(clearings[0]?.rule).toMatch(/greedily$/);
    expect(lossAtMostUsd).toBeGreaterThan(0);
    expect(new Set(settled.map(({ priceUsd, path }) => priceUsd / items[Number(path.split('/')[2])]![1])).size).toBe(1);
  });

  it('keeps what is done and answers everyone when it is canceled in the middle', async () => {
    const bidders = { a: sells(1, 1, { work: { output: 1, afterMs: 20_000 } }), b: sells(2, 1), c: sells(5.5, 1) };
    const handle = await start(bidders, wants([6, 1], [5, 1]));
    await until(() => agents.keys.includes('items/0/a') && agents.keys.includes('items/1/b'));
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    const { answers, settled } = seenOf(agents);
    expect(answers).toEqual({ a: 'accept', b: 'accept', c: 'reject' });
    expect(settled.map(({ agent }) => agent).toSorted()).toEqual(['a', 'b']);
  });
});
