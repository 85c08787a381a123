import { describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import {
  BoardHouse,
  bySource,
  COUNT,
  decisions,
  increment,
  one,
  put,
  read,
  sources,
  type Told,
  whoOf,
} from '../../test/support/board-house.js';
import type { Answer, Script } from '../../test/support/scripted-agents.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(60_000);

const house = new BoardHouse();
const play = house.play.bind(house);
const order = (told: Told) => told.activations.map(({ source }) => source);

describe('blackboard', () => {
  it('lets sources act when the board has something for them, until the goal is met, and says who caused what', async () => {
    const { status, reason, told, asked } = await play(
      bySource({
        draft: () => put(one('draft', 'text', { confidence: 0.5 })),
        check: ({ board }) => put(one('verdict', `${board.work?.draft as string} is good`)),
      }),
      {
        board: { sections: [{ name: 'task', entries: { goal: '${ .goal }' } }, { name: 'work' }] },
        sources: [
          { name: 'check', capability: 'c', when: '.work.draft != null and .work.verdict == null', writes: ['work'] },
          { name: 'draft', capability: 'd', when: '.work.draft == null', writes: ['work'] },
        ],
        until: '.work.verdict != null',
      },
      { goal: 'write' },
    );
    expect([status, reason]).toEqual(['completed', 'goal_met']);
    expect(told.board).toEqual({ task: { goal: 'write' }, work: { draft: 'text', verdict: 'text is good' } });
    expect(told.activations.map(({ source, causes }) => [source, causes])).toEqual([
      ['draft', ['e1@1']],
      ['check', ['e1@1', 'e2@1']],
    ]);
    expect(told.entries[1]).toMatchObject({
      key: 'draft',
      author: 'draft',
      confidence: 0.5,
      causedBy: 'a1',
      version: 1,
    });
    expect(told.credit).toMatchObject({ draft: { share: 0.5 }, check: { share: 0.5 } });
    expect(told.unmetGoal).toBeNull();
    expect(decisions(asked, 'activate').map(({ chosen }) => chosen)).toEqual([['draft'], ['check']]);
    expect(asked.batches.flatMap(({ calls }) => calls.map(({ role, round }) => [role, round]))).toEqual([
      ['draft', 1],
      ['check', 2],
    ]);
  });

  it('takes any answer for one entry under the name of its source, so that every agent can be one', async () => {
    const { told, reason } = await play(() => ({ output: { language: 'en' }, confidence: 0.9 }), {
      sources: [{ capability: 'language-id', input: '${ $input }' }],
    });
    expect([reason, told.board]).toEqual(['quiescent', { board: { 'language-id': { language: 'en' } } }]);
    expect(told.entries[0]?.confidence).toBe(0.9);
  });

  it('notices quiescence, and is partial with the unmet goal when there is one', async () => {
    const script = bySource({ a: () => put() });
    const plain = await play(script, { sources: sources('a', 'b') });
    expect([plain.status, plain.reason, order(plain.told)]).toEqual(['completed', 'quiescent', ['a', 'b']]);
    const goal = await play(script, { sources: sources('a'), until: '.board.x' });
    expect([goal.status, goal.reason, goal.told.unmetGoal]).toEqual(['partial', 'quiescent', '.board.x']);
  });

  it.each([
    ['maxCycles', { maxCycles: 3 }, 'max_cycles'],
    ['maxActivations', { maxActivations: 3 }, 'max_activations'],
  ])('ends partial with what it has at %s', async (_, limit, reason) => {
    const script: Script = (_call, input) => increment(read(input));
    const run = await play(script, { ...COUNT, sources: [{ capability: 'inc', when: 'true' }], ...limit });
    expect([run.status, run.reason, run.told.board.board?.count]).toEqual(['partial', reason, 3]);
    expect(run.end?.rounds).toBe(3);
  });

  it('goes around under round-robin, and by priority otherwise', async () => {
    const script: Script = (call) => put(one(call.key, 1));
    const turns = { sources: sources('a', 'b', 'c').map((s) => ({ ...s, when: 'true' })), maxActivations: 5 };
    expect(order((await play(script, { ...turns, control: 'round-robin' })).told)).toEqual(['a', 'b', 'c', 'a', 'b']);
    const ranked = [
      { name: 'low', capability: 'x', priority: 0 },
      { name: 'high', capability: 'x', priority: 5 },
    ];
    expect(order((await play(() => put(), { sources: ranked })).told)).toEqual(['high', 'low']);
  });

  it('activates the source that would add most, as they say themselves, and none that adds nothing', async () => {
    const values: Record<string, Json> = { a: { value: 1 }, b: { value: 7 }, c: { value: 0 }, d: 'much' };
    const { told, asked } = await play(
      (call, input) =>
        call.kind === 'decide' ? { output: values[String(read(input).source)] ?? null } : put(one(whoOf(call.key), 1)),
      { sources: sources('a', 'b', 'c', 'd').map((s) => ({ ...s, maxActivations: 1 })), control: 'highestValue' },
    );
    expect(order(told)).toEqual(['b', 'a', 'd']);
    expect(decisions(asked, 'activate')[0]).toMatchObject({ scores: { values: [1, 7, 0, null] }, chosen: ['b'] });
  });

  it('lets an agent choose who acts, and falls back to priority when it talks nonsense', async () => {
    const answers: Json[] = [{ activate: ['b', 'nobody'] }, 'whoever', { activate: [] }];
    const { told, asked } = await play(
      (call) => (call.key.startsWith('control/') ? { output: answers.shift() ?? null } : put(one(call.key, 1))),
      { sources: sources('a', 'b').map((s) => ({ ...s, when: 'true' })), control: { agent: 'chair' } },
    );
    expect(order(told)).toEqual(['b', 'a']);
    expect(decisions(asked, 'activate').map(({ rule }) => rule)).toEqual([
      'agent',
      'priority, as the agent gave no valid answer',
      'agent',
    ]);
  });

  it('refuses writes to other sections, values that break the schema, and what is no write, one by one', async () => {
    const { told, end } = await play(
      () =>
        put(
          { section: 'open', key: 'a', value: 'fine' },
          { section: 'open', key: 'b', value: 7 },
          { section: 'closed', key: 'c', value: 'x' },
          { section: 'unknown', key: 'd', value: 'x' },
          'what?',
        ),
      {
        board: { sections: [{ name: 'open', schema: { type: 'string' } }, { name: 'closed' }] },
        sources: [{ name: 's', capability: 'x', writes: ['open'] }],
      },
    );
    expect(told.board).toEqual({ open: { a: 'fine' } });
    expect(end?.warnings).toEqual([
      's could not write open/s (a1): 1 of its writes could not be read',
      's could not write open/b (a1): breaks the schema: must be "string"',
      's could not write closed/c (a1): the source may not write this section',
      's could not write unknown/d (a1): the board has no such section',
    ]);
  });

  it('rests a source for its cooldown, and lets entries go at the end of their time', async () => {
    const startedAt = Date.now();
    const { told } = await play((call) => put(one('x', call.key, { ttlMs: 50 })), {
      sources: [{ name: 's', capability: 'x', when: 'true', cooldown: 'PT0.2S', maxActivations: 3 }],
    });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(400);
    expect(told.activations.map(({ causes }) => causes)).toEqual([[], ['e1@2'], ['e1@4']]);
  });

  it('has the cleaner take entries away', async () => {
    const { status, reason, told, asked } = await play(
      (call) =>
        call.key.startsWith('cleaner/') ? { output: { remove: ['e1', 'e9'] } } : put(one('a', 1), one('b', 2)),
      { sources: sources('s'), cleaner: { capability: 'clean' } },
    );
    expect([status, reason, order(told)]).toEqual(['completed', 'quiescent', ['s']]);
    expect(told.board.board).toEqual({ b: 2 });
    expect(decisions(asked, 'clean')[0]).toMatchObject({ chosen: ['e1@1'] });
  });

  it('keeps values that are stored, picks writes out of them, and gives them to sources', async () => {
    const big = 'x'.repeat(40_000);
    const { told } = await play(
      bySource({
        big: () => put(one('text', big), one('small', 1)),
        size: ({ board }) => put(one('size', (board.board!.text as string).length)),
      }),
      {
        sources: [...sources('big'), { name: 'size', capability: 'x', when: '.board.text != null' }],
        until: '.board.size',
      },
    );
    expect(told.board.board).toEqual({ text: big, small: 1, size: 40_000 });
  });

  it('begins with entries that are stored, and refuses ones that are no object', async () => {
    const big = 'x'.repeat(40_000);
    const seeded = (entries: Json) => ({
      board: { sections: [{ name: 'given', entries }] },
      sources: [{ name: 'size', capability: 'x', writes: ['given'], maxActivations: 1 }],
    });
    const script = bySource({ size: ({ board }) => put(one('size', (board.given!.text as string).length)) });
    const { told } = await play(script, seeded('${ {text: (. + .), other: 1} }'), big);
    expect(told.board.given).toEqual({ text: big + big, other: 1, size: 80_000 });
    const { status, reason } = await play(script, seeded('${ [.] }'), 'x');
    expect([status, reason]).toEqual(['failed', 'invalid_expression']);
  });

  it('takes an answer that is stored for one entry when it has no writes', async () => {
    const big = 'x'.repeat(40_000);
    const { told } = await play(() => ({ output: big }), { sources: sources('s') });
    expect(told.board.board).toEqual({ s: big });
  });

  it('goes on without a source that fails, and is partial for it', async () => {
    const { status, reason, told, end } = await play(
      (call) => (whoOf(call.key) === 'bad' ? { fail: 'agent.permanent' } : put(one('x', 1))),
      { sources: sources('bad', 'good') },
    );
    expect([status, reason, told.board.board]).toEqual(['partial', 'agent_failed', { x: 1 }]);
    expect(end?.warnings[0]).toMatch(/^bad failed \(a1\)/);
  });

  it('fails with the board as it was given when every source fails', async () => {
    const run = await play(() => ({ fail: 'agent.permanent' }), { ...COUNT, sources: sources('a', 'b') });
    expect([run.status, run.reason, run.told.board.board]).toEqual(['failed', 'agent_failed', { count: 0 }]);
  });

  it('keeps the board at the deadline, also while a source rests', async () => {
    const slow: Script = (call) => (call.key.endsWith('/1') ? put(one('x', 1)) : { output: 0, afterMs: 20_000 });
    const waiting = { sources: [{ name: 's', capability: 'x', when: 'true' }] };
    const late = await play(slow, waiting, null, { deadlineMs: 1_000 });
    expect([late.status, late.reason, late.told.board.board]).toEqual(['timed_out', 'deadline', { x: 1 }]);
    const resting = { sources: [{ ...waiting.sources[0], cooldown: 'PT1H' }] } as Json;
    const rested = await play(slow, resting, null, { deadlineMs: 1_000 });
    expect([rested.status, rested.reason, rested.told.board.board]).toEqual(['timed_out', 'deadline', { x: 1 }]);
  });

  it('keeps the board when it is canceled', async () => {
    const slow: Script = (call) => (call.key.endsWith('/1') ? put(one('x', 1)) : { output: 0, afterMs: 20_000 });
    const handle = await house.start(slow, { sources: [{ name: 's', capability: 'x', when: 'true' }] });
    await until(() => house.agents.keys.length === 2);
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    const told = house.agents.end?.json as unknown as Told;
    expect(told.board.board).toEqual({ x: 1 });
    expect(told.activations.map(({ status }) => status)).toEqual(['completed', 'canceled']);
  });

  it('takes in what was under way when its budget ends, and may be at its goal with it', async () => {
    const refused: Answer = { fail: 'agent.budget', budget: { place: '/', limit: 'costUsd' } };
    const script: Script = (call) =>
      whoOf(call.key) === 'late' ? ({ ...put(one('x', 1)), afterMs: 200 } as Answer) : refused;
    const both = { budget: { costUsd: 1 }, sources: sources('refused', 'late'), parallel: 2 };
    const over = await play(script, both);
    expect([over.status, over.reason, over.told.board.board]).toEqual(['budget_exceeded', 'budget', { x: 1 }]);
    expect(over.told.activations.map(({ status }) => status)).toEqual(['failed', 'completed']);
    const met = await play(script, { ...both, until: '.board.x == 1' });
    expect([met.status, met.reason]).toEqual(['completed', 'goal_met']);
  });

  it('ends with the reason when an expression fails', async () => {
    const { status, reason } = await play(() => put(), { sources: [{ capability: 'x', when: '.a | error' }] });
    expect([status, reason]).toEqual(['failed', 'invalid_expression']);
  });

  it('runs a pattern as a source', async () => {
    const steps = [{ name: 'one', capability: 'x', input: '${ .input }' }];
    const { told } = await play(
      (_, input) => ({ output: input }),
      { sources: [{ name: 'seq', pattern: 'sequential', with: { steps } }] },
      5,
    );
    expect(told.board.board).toEqual({ seq: 5 });
  });
});
