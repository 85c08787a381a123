import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../../contracts/json.js';
import { AUCTIONS } from '../../../contracts/market.js';
import { seenOf } from '../../../test/support/market-records.js';
import { scriptedActivities } from '../../../test/support/scripted-activities.js';
import { type Script, ScriptedAgents } from '../../../test/support/scripted-agents.js';
import { type Bidder, houseOf, offer } from '../../../test/support/scripted-bidders.js';
import { startRun } from '../../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../../test/support/temporal.js';

jest.setTimeout(120_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

/** Whole markets are run, some dozens of them. */
const MARKETS = { numRuns: 12, seed: 7 };
const dollars = fc.integer({ min: 1, max: 40 }).map((quarters) => quarters / 4);
const work = fc.constantFrom<Bidder['work'][]>(undefined, undefined, { fail: 'agent.permanent' });
const noOffer = fc.constantFrom<NonNullable<Bidder['bid']>[]>(
  { fail: 'agent.timeout' },
  { fail: 'agent.transient' },
  { output: 'mine!' },
  { output: { bid: { price: -1, etaMs: 1 } } },
  { output: { refuse: { reason: 'busy' } } },
);
const fails = noOffer.map((bid): Bidder => ({ bids: [], bid }));
const houses = (bidder: fc.Arbitrary<Bidder>) =>
  fc
    .array(fc.oneof({ arbitrary: bidder, weight: 3 }, { arbitrary: fails, weight: 1 }), { minLength: 1, maxLength: 5 })
    .map((all) => Object.fromEntries(all.map((one, place) => ['abcde'[place] ?? '', one])));

async function run(bidders: Record<string, Bidder>, params: object, input: Json) {
  const house = houseOf(bidders);
  const script: Script = (call, given, asked) =>
    call.target.capability === 'desk' ? { output: 'stood in' } : house(call, given, asked);
  agents = new ScriptedAgents(script, Object.keys(bidders));
  const task = { capability: 'sort', fallback: [{ capability: 'desk' }] };
  const handle = await startRun(worker, 'market', { task, ...params } as Json, input);
  expect(['completed', 'partial', 'failed']).toContain(await handle.result());
  return checkedBooks();
}

/** What holds for every sale, however it goes. */
function checkedBooks() {
  const { end, calls, settled, decisions } = seenOf(agents);
  const namesOf = (wanted: (call: (typeof calls)[number]) => boolean) =>
    calls.flatMap((call) => (wanted(call) ? (call.target.agent ?? '') : []));
  const offered = decisions.flatMap(({ what, scores }) =>
    what !== 'bids'
      ? []
      : (scores as { agent: string; status: string }[]).flatMap(({ agent, status }) =>
          status === 'offer' ? agent : [],
        ),
  );
  const told = namesOf(({ kind }) => kind === 'decide');
  const winners = namesOf(({ role }) => role === 'winner');
  expect(told.toSorted()).toEqual([...new Set(offered)].toSorted());
  expect([...new Set(namesOf(({ role }) => role === 'accept'))].toSorted()).toEqual([...new Set(winners)].toSorted());
  expect(settled.map(({ agent }) => agent).toSorted()).toEqual(winners.toSorted());
  for (const { priceUsd, promised, real, deviation, outcome } of settled) {
    expect(priceUsd).toBeGreaterThanOrEqual(promised.priceUsd - 1e-9);
    expect(deviation.timeMs).toBe(real.elapsedMs - promised.etaMs);
    expect(deviation.costUsd).toBe(real.costUsd === null ? null : real.costUsd - priceUsd);
    expect(['kept', 'defaulted']).toContain(outcome);
  }
  return { end, settled, decisions };
}

describe('an auction of any kind', () => {
  const price = fc.record({ bids: fc.array(fc.option(dollars), { minLength: 1, maxLength: 3 }), work });
  const terms = fc.record({
    mechanism: fc.constantFrom(...AUCTIONS),
    reserve: dollars,
    count: fc.integer({ min: 1, max: 2 }),
    minBids: fc.integer({ min: 1, max: 2 }),
    maxRounds: fc.integer({ min: 1, max: 4 }),
    sealed: fc.boolean(),
    tieBreak: fc.constantFrom('earliest', 'reputation', 'seeded'),
    onNoBids: fc.constantFrom('fail', 'raiseReserve', 'widen', 'fallback'),
    onDefault: fc.constantFrom('nextBest', 'reauction', 'fallback'),
  });

  it('answers everyone who made an offer once, awards offers alone, and settles each award', async () => {
    const property = fc.asyncProperty(houses(price), terms, async (bidders, { count, ...params }) => {
      const isSingle = params.mechanism === 'english' || params.mechanism === 'dutch';
      const isDutch = params.mechanism === 'dutch';
      const { settled } = await run(
        bidders,
        {
          ...params,
          award: { count: isSingle ? 1 : count },
          ...(isDutch && { minBids: 1, onNoBids: params.onNoBids === 'raiseReserve' ? 'widen' : params.onNoBids }),
        },
        'task',
      );
      if (params.mechanism === 'vickrey') return;
      for (const { priceUsd, promised } of settled) expect(priceUsd).toBe(promised.priceUsd);
    });
    await fc.assert(property, MARKETS);
  });
});

describe('an exchange', () => {
  const units = fc.integer({ min: 1, max: 4 });
  const seller = fc
    .record({ price: dollars, quantity: units, work })
    .map(({ price, quantity, work: done }): Bidder => ({
      bids: [],
      bid: { output: offer(price, 100, { quantity }) },
      work: done,
    }));
  const items = fc.array(fc.record({ most: dollars, units }), { minLength: 1, maxLength: 5 });
  const terms = fc.record({
    maxRounds: fc.integer({ min: 1, max: 3 }),
    onNoBids: fc.constantFrom('fail', 'widen', 'fallback'),
    onDefault: fc.constantFrom('nextBest', 'reauction', 'fallback'),
  });

  it('does the same, and nobody pays more than its limit or is paid less than it asked', async () => {
    const property = fc.asyncProperty(houses(seller), items, terms, async (bidders, lots, params) => {
      const { end, settled } = await run(
        bidders,
        { ...params, mechanism: 'exchange', items: '${ . }', limit: '.most', quantity: '.units' },
        lots,
      );
      for (const { path, priceUsd } of settled) {
        const lot = lots[Number(path.split('/')[2])];
        expect(priceUsd).toBeLessThanOrEqual((lot?.most ?? 0) * (lot?.units ?? 0) + 1e-9);
      }
      const done = Array.isArray(end?.json) ? end.json.filter((output) => output !== null).length : 0;
      expect(end?.status).toBe(done === lots.length ? 'completed' : done > 0 ? 'partial' : 'failed');
    });
    await fc.assert(property, MARKETS);
  });
});
