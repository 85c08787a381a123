import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../../contracts/json.js';
import { seenOf } from '../../../test/support/market-records.js';
import { scriptedActivities } from '../../../test/support/scripted-activities.js';
import { type Script, ScriptedAgents } from '../../../test/support/scripted-agents.js';
import { type Bidder, houseOf } from '../../../test/support/scripted-bidders.js';
import { startRun } from '../../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../../test/support/temporal.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

const price = (...bids: (number | null)[]): Bidder => ({ bids });
const dies = { fail: 'agent.unavailable' };

/** `desk` stands behind the task; it bids for nothing. */
async function runMarket(bidders: Record<string, Bidder>, params: object, task: object = {}, input: Json = 'task') {
  const house = houseOf(bidders);
  const script: Script = (call, given, asked) =>
    call.target.capability === 'desk' ? { output: `desk did ${JSON.stringify(given)}` } : house(call, given, asked);
  agents = new ScriptedAgents(script, Object.keys(bidders));
  const parameters = { task: { capability: 'sort', ...task }, ...params } as Json;
  const handle = await startRun(worker, 'market', parameters, input);
  return { status: await handle.result(), ...seenOf(agents) };
}

describe('a task that is split', () => {
  const award = { count: 2, split: '[.[:$count], .[$count:]]' };

  it('goes in parts to the best offers, the first part to the best, each paid its share', async () => {
    const bidders = { a: price(3), b: price(1), c: price(2) };
    const { end, settled, answers, calls } = await runMarket(bidders, { award, mechanism: 'vickrey' }, {}, [1, 2, 3]);
    expect([end?.status, end?.json]).toEqual(['completed', ['b did [1,2]', 'c did [3]']]);
    const paid = settled.map(({ agent, priceUsd, promised }) => `${agent}: ${priceUsd} for ${promised.priceUsd}`);
    expect(paid.toSorted()).toEqual(['b: 1.5 for 0.5', 'c: 1.5 for 1']);
    expect(answers).toEqual({ a: 'reject', b: 'accept', c: 'accept' });
    const asked = calls.filter(({ kind }) => kind === 'bid').map(({ input }) => agents.json(input));
    expect(asked[0]).toMatchObject({ task: [1, 2, 3], winners: 2 });
  });

  it('leaves no part undone when a winner defaults: the next best takes it', async () => {
    const bidders = { a: price(3), b: { ...price(1), work: dies }, c: price(2) };
    const { end, settled } = await runMarket(bidders, { award }, {}, [1, 2, 3]);
    expect([end?.status, end?.json]).toEqual(['completed', ['a did [1,2]', 'c did [3]']]);
    expect(settled.map(({ agent, outcome }) => `${agent} ${outcome}`).toSorted()).toEqual([
      'a kept',
      'b defaulted',
      'c kept',
    ]);
  });

  it('has a gap where nobody did a part', async () => {
    const bidders = { a: { ...price(3), work: dies }, b: price(4) };
    const { end } = await runMarket(bidders, { award }, {}, [1, 2, 3]);
    expect([end?.status, end?.terminationReason, end?.json]).toEqual(['partial', 'agent_failed', [null, 'b did [3]']]);
  });

  it('has as many parts as there are offers', async () => {
    const { end } = await runMarket({ a: price(1) }, { award: { count: 2, split: '[range($count)]' } });
    expect([end?.status, end?.json]).toEqual(['completed', ['a did 0']]);
  });

  it.each([
    ['no list', '3'],
    ['no part', '[]'],
    ['more parts than winners', '[1, 2, 3]'],
  ])('fails, and answers every bidder, when it is split into %s', async (_, split) => {
    const { status, end, answers } = await runMarket({ a: price(1), b: price(2) }, { award: { count: 2, split } });
    expect([status, end?.terminationReason]).toEqual(['failed', 'invalid_expression']);
    expect(answers).toEqual({ a: 'reject', b: 'reject' });
  });
});

describe('those behind a task', () => {
  const behind = { fallback: [{ capability: 'desk' }] };
  const faulty = { a: { ...price(1), work: dies }, b: price(2) };

  it('stand in when there are no bids, where onNoBids says so', async () => {
    const { end, settled } = await runMarket({ a: price(null) }, { onNoBids: 'fallback' }, behind);
    expect([end?.status, end?.json, end?.degraded]).toEqual(['completed', 'desk did "task"', true]);
    expect([settled, end?.warnings]).toEqual([[], ['0 of 1 agents made an offer (1 refused); 1 needed']]);
  });

  it('do not stand in for missing bids otherwise', async () => {
    const { end } = await runMarket({ a: price(null) }, {}, behind);
    expect([end?.status, end?.terminationReason]).toEqual(['failed', 'no_bids']);
  });

  it('stand in at once for a winner that defaults, where onDefault says so; it is settled as defaulted', async () => {
    const { end, settled, answers } = await runMarket(faulty, { onDefault: 'fallback' }, behind);
    expect([end?.status, end?.json, end?.degraded]).toEqual(['completed', 'desk did "task"', true]);
    expect(settled.map(({ agent, outcome }) => `${agent} ${outcome}`)).toEqual(['a defaulted']);
    expect(answers).toEqual({ a: 'accept', b: 'reject' });
  });

  it.each(['nextBest', 'reauction'])('stand in when no offer is left, with onDefault %s', async (onDefault) => {
    const kept = await runMarket(faulty, { onDefault }, behind);
    expect([kept.end?.json, kept.end?.degraded]).toEqual(['b did "task"', false]);
    const lost = await runMarket({ ...faulty, b: { ...price(2), work: dies } }, { onDefault }, behind);
    expect([lost.end?.json, lost.end?.degraded]).toEqual(['desk did "task"', true]);
    expect(lost.settled.map(({ outcome }) => outcome)).toEqual(['defaulted', 'defaulted']);
  });

  it('do the part that is left', async () => {
    const award = { count: 2, split: '[.[:1], .[1:]]' };
    const { end } = await runMarket(faulty, { award, onDefault: 'fallback' }, behind, [1, 2, 3]);
    expect([end?.status, end?.json]).toEqual(['completed', ['desk did [1]', 'b did [2,3]']]);
  });
});
