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
  whoOf,
} from '../../test/support/board-house.js';
import type { Answer, Script } from '../../test/support/scripted-agents.js';

jest.setTimeout(60_000);

const house = new BoardHouse();
const play = house.play.bind(house);

describe('the consistency of a blackboard', () => {
  it('loses no update of 50 writers at once under strong consistency', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `w${index}`);
    const { status, told } = await play((_, input) => increment(read(input)), {
      ...COUNT,
      sources: sources(...names).map((source) => ({ ...source, maxActivations: 1 })),
      parallel: 50,
    });
    expect([status, told.board.board?.count]).toEqual(['completed', 50]);
    expect(told.entries[0]?.version).toBe(51);
    expect(told.activations.filter(({ status: ended }) => ended === 'completed')).toHaveLength(50);
    expect(told.activations.length).toBeLessThanOrEqual(100);
  });

  it('applies all writes of an activation or none of them under strong, and acts again on the new board', async () => {
    const { status, told } = await play(
      bySource({
        quick: () => put(one('x', 'quick')),
        both: ({ board }) => {
          const { x = null } = board.board ?? {};
          return { ...put(one('x', 'both'), one('y', x)), ...(x === null && { afterMs: 300 }) } as Answer;
        },
      }),
      { sources: sources('quick', 'both').map((one) => ({ ...one, maxActivations: 1 })), parallel: 2 },
    );
    expect([status, told.board.board]).toEqual(['completed', { x: 'both', y: 'quick' }]);
    expect(told.activations.map(({ source, status: ended, wrote }) => [source, ended, wrote.length])).toEqual([
      ['quick', 'completed', 1],
      ['both', 'refused', 0],
      ['both', 'completed', 2],
    ]);
    expect(told.conflicts).toMatchObject([{ author: 'both', standing: 'quick', outcome: 'refused' }]);
  });

  it('loses the update that came too late under eventual consistency with the last writer, and reports it', async () => {
    const adding: Script = (call, input) => {
      const { count } = read(input).board.board as { count: number };
      return put(one('count', count + (whoOf(call.key) === 'a' ? 1 : 10)));
    };
    const { told } = await play(adding, {
      ...COUNT,
      sources: sources('a', 'b').map((source) => ({ ...source, maxActivations: 1 })),
      parallel: 2,
      consistency: 'eventual',
      conflict: 'lastWriter',
    });
    const [{ author, standing, outcome } = {}] = told.conflicts;
    // Both read 0; under strong consistency it would be 11.
    expect([told.board.board?.count, told.conflicts.length, outcome]).toEqual([author === 'a' ? 1 : 10, 1, 'replaced']);
    expect(new Set([author, standing])).toEqual(new Set(['a', 'b']));
  });

  const fastAndSlow = bySource({
    fast: () => put(one('x', 'fast')),
    slow: () => ({ ...put(one('x', 'slow'), one('y', 1)), afterMs: 400 }) as Answer,
    reader: ({ board }) => put(one('seen', Object.keys(board.board ?? {}))),
  });
  const raced = (consistency: string) =>
    play(fastAndSlow, {
      sources: [
        { name: 'slow', capability: 'c', maxActivations: 1 },
        { name: 'fast', capability: 'c', maxActivations: 1 },
        { name: 'reader', capability: 'c', when: '.board.x != null', maxActivations: 1 },
      ],
      parallel: 2,
      consistency,
      conflict: 'lastWriter',
    });

  it('has all activations of a cycle read one board and merges them in their order under snapshot', async () => {
    const { told } = await raced('snapshot');
    expect(told.board.board).toMatchObject({ seen: ['x', 'y'], x: 'fast' });
    expect(told.activations.map(({ source, cycle }) => [source, cycle])).toEqual([
      ['slow', 1],
      ['fast', 1],
      ['reader', 2],
    ]);
  });

  it('acts upon what is there already, and merges in the order of arrival, under eventual', async () => {
    const { told } = await raced('eventual');
    expect(told.board.board).toMatchObject({ seen: ['x'], x: 'slow' });
  });

  const clash = (conflict: Json, more: Record<string, Json> = {}, script?: Script) =>
    play(
      script ??
        bySource({
          a: () => put(one('x', 'from a', { confidence: 0.9 })),
          b: () => put(one('x', 'from b', { confidence: 0.4 })),
        }),
      {
        sources: sources('a', 'b').map((s) => ({ ...s, maxActivations: 1 })),
        parallel: 2,
        consistency: 'snapshot',
        conflict,
        ...more,
      },
    );

  it.each([
    ['reject', { x: 'from a' }, 'refused'],
    ['lastWriter', { x: 'from b' }, 'replaced'],
    ['highestConfidence', { x: 'from a' }, 'refused'],
    ['keepBoth', { x: 'from a', 'x~2': 'from b' }, 'kept_both'],
  ])('settles a conflict by %s', async (conflict, board, outcome) => {
    const { told, asked } = await clash(conflict);
    expect(told.board.board).toEqual(board);
    expect(told.conflicts).toMatchObject([{ author: 'b', standing: 'a', outcome }]);
    expect(decisions(asked, 'conflict')[0]).toMatchObject({ rule: conflict, chosen: outcome });
  });

  it.each<[string, Json, Json]>([
    ['its own value', { value: 'both' }, 'both'],
    ['the proposed value', { keep: 'proposed' }, 'from b'],
    ['nonsense, and keeps what stands', 'neither', 'from a'],
  ])('lets an agent settle a conflict with %s', async (_, decision, standing) => {
    const { told } = await clash({ agent: 'judge' }, {}, (call, input) =>
      call.key.startsWith('conflict/')
        ? { output: decision }
        : put(one('x', `from ${whoOf(call.key)}`, { confidence: read(input).board ? 0.5 : 0 })),
    );
    expect(told.board.board).toEqual({ x: standing });
  });

  it('ends when k of n sources stand behind one value', async () => {
    const { status, reason, told } = await clash(
      'keepBoth',
      {
        sources: sources('a', 'b', 'c', 'd').map((s) => ({ ...s, maxActivations: 1 })),
        parallel: 4,
        until: { consensus: 3, section: 'board', key: 'answer' },
      },
      (call) => put(one('answer', whoOf(call.key) === 'a' ? 41 : 42)),
    );
    expect([status, reason]).toEqual(['completed', 'consensus']);
    expect(told.board.board).toEqual({ answer: 41, 'answer~2': 42 });
  });
});
