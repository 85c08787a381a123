import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { BoardHouse, bySource, decisions, one, put, read, sources } from '../../test/support/board-house.js';
import type { Script } from '../../test/support/scripted-agents.js';
import { ScriptedMemory } from '../../test/support/scripted-memory.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(60_000);

const PLACE = { scope: 'session' as const, scopeId: 'case-7', key: 'board' };
const once = (...names: string[]) => sources(...names).map((source) => ({ ...source, maxActivations: 1 }));

interface Stored {
  key: string;
  section: string;
  value: Json;
  author: string;
  confidence?: number;
}

describe('a board that outlives its run', () => {
  const house = new BoardHouse();
  const play = (script: Script, params: Record<string, Json>, memory: Record<string, Json> = {}) => {
    const { board = {}, ...rest } = params;
    return house.play(script, { ...rest, board: { ...(board as object), memory: { ...PLACE, ...memory } } });
  };
  const kept = () => (house.memory.find(PLACE)!.value as unknown as { entries: Stored[] }).entries;
  const values = () => Object.fromEntries(kept().map(({ section, key, value }) => [`${section}/${key}`, value]));
  const theirs = (key: string, value: Json, more: Partial<Stored> = {}): Stored & { stamp: string } => ({
    section: 'board',
    key,
    value,
    author: 'other',
    stamp: `other-run/${key}`,
    ...more,
  });
  /** Another run writes these entries beside what is there, just before the nth put of ours. */
  const meanwhile = (put: number, ...entries: Stored[]) => {
    house.memory.meanwhile = (count) => {
      if (count !== put) return;
      const standing = house.memory.find(PLACE) ? kept() : [];
      const keys = entries.map(({ key }) => key);
      const others = standing.filter(({ key }) => !keys.includes(key));
      house.memory.set(PLACE, { entries: [...others, ...entries] } as unknown as Json);
    };
  };
  beforeEach(() => {
    house.memory = new ScriptedMemory();
  });

  it('is there for the next run, with values, authors and confidence, before what the sections say', async () => {
    await play(bySource({ finder: () => put(one('cause', 'disk', { confidence: 0.7 })) }), { sources: once('finder') });
    const { told, asked } = await play(bySource({ reader: ({ board }) => put(one('seen', board.board!.cause!)) }), {
      board: { sections: [{ name: 'board', entries: { cause: 'unknown', task: 'find it' } }] },
      sources: once('reader'),
    });
    expect(told.board.board).toEqual({ cause: 'disk', task: 'find it', seen: 'disk' });
    expect(told.entries[0]).toMatchObject({ author: 'finder', confidence: 0.7, causedBy: 'memory' });
    expect(values()).toEqual({ 'board/cause': 'disk', 'board/task': 'find it', 'board/seen': 'disk' });
    expect(house.memory.find(PLACE)?.version).toBe(2);
    expect(decisions(asked, 'memory').map(({ rule }) => rule)).toEqual(['load', 'compare-and-set']);
  });

  it('writes nothing when nothing changed, and takes away what was removed', async () => {
    house.memory.set(PLACE, { entries: [theirs('a', 1), theirs('b', 2)] } as unknown as Json);
    await play(() => put(), { sources: once('idle') });
    expect(house.memory.puts).toHaveLength(0);
    await play(() => put({ key: 'a', remove: true }), { sources: once('remover') });
    expect(values()).toEqual({ 'board/b': 2 });
  });

  it('loses nothing that another run wrote in between: both are there afterwards', async () => {
    meanwhile(0, theirs('theirs', 1));
    const { told, end } = await play(() => put(one('ours', 2)), { sources: once('a') });
    expect(values()).toEqual({ 'board/theirs': 1, 'board/ours': 2 });
    expect(told.board.board).toEqual({ ours: 2, theirs: 1 });
    expect([told.conflicts, end?.warnings]).toEqual([[], []]);
  });

  it.each<[string, Json, string, Json, string]>([
    ['reject, as under strong consistency', 'reject', 'theirs', { 'board/x': 'theirs' }, 'refused'],
    ['lastWriter', 'lastWriter', 'ours', { 'board/x': 'ours' }, 'replaced'],
    ['highestConfidence', 'highestConfidence', 'ours', { 'board/x': 'ours' }, 'replaced'],
    ['keepBoth', 'keepBoth', 'theirs', { 'board/x': 'theirs', 'board/x~2': 'ours' }, 'kept_both'],
    ['an agent', { agent: 'judge' }, 'both', { 'board/x': 'both' }, 'decided'],
  ])('settles what both wrote by %s, and reports it', async (_, conflict, onBoard, stored, outcome) => {
    meanwhile(0, theirs('x', 'theirs', { confidence: 0.5 }));
    const rule: Record<string, Json> = conflict === 'reject' ? {} : { consistency: 'eventual', conflict };
    const { told, asked } = await play(
      (call) =>
        call.key.startsWith('conflict/') ? { output: { value: 'both' } } : put(one('x', 'ours', { confidence: 0.9 })),
      { sources: once('a'), ...rule },
    );
    expect(told.board.board!.x).toBe(onBoard);
    expect(values()).toEqual(stored);
    expect(told.conflicts).toMatchObject([{ activation: 'memory', author: 'a', standing: 'other', outcome }]);
    expect(decisions(asked, 'conflict')[0]).toMatchObject({ chosen: outcome });
  });

  it('is written while the run is under way, and what others wrote wakes its sources', async () => {
    meanwhile(0, theirs('question', 42));
    const { told, reason } = await play(
      bySource({
        starter: () => put(one('begun', true)),
        answerer: ({ board }) => put(one('answer', board.board!.question!)),
      }),
      {
        sources: [
          { name: 'starter', capability: 'any', maxActivations: 1 },
          { name: 'answerer', capability: 'any', when: '.board.question != null and .board.answer == null' },
        ],
        until: '.board.answer != null',
      },
      { flushEvery: 1 },
    );
    expect([reason, told.board.board!.answer]).toEqual(['goal_met', 42]);
    expect(told.activations.map(({ source }) => source)).toEqual(['starter', 'answerer']);
    expect(values()).toEqual({ 'board/question': 42, 'board/begun': true, 'board/answer': 42 });
  });

  it('leaves sections alone that it does not have, and what has expired behind', async () => {
    const old = { ...theirs('old', 1), expiresAt: Date.now() - 1 };
    house.memory.set(PLACE, { entries: [theirs('x', 1, { section: 'foreign' }), old] } as unknown as Json);
    const { told } = await play(() => put(one('y', 2)), {
      board: { sections: [{ name: 'own' }] },
      sources: once('a'),
    });
    expect(told.board).toEqual({ own: { y: 2 } });
    expect(values()).toEqual({ 'foreign/x': 1, 'own/y': 2 });
  });

  it('may be large: it is then looked at piece by piece', async () => {
    const entries = Array.from({ length: 45 }, (_, n) => theirs(`k${n}`, 'x'.repeat(2_000)));
    house.memory.set(PLACE, { entries: [...entries, 'no entry'] } as unknown as Json);
    const { told } = await play(
      bySource({ a: (input) => put(one('n', Object.keys(read(input as never).board.board!).length)) }),
      {
        sources: once('a'),
      },
    );
    expect(told.board.board!.n).toBe(45);
    expect(Object.keys(values())).toHaveLength(46);
  });

  it('fails with a reason when the entry holds no board, and warns when it cannot be kept', async () => {
    house.memory.set(PLACE, 'a note');
    const { status, end } = await play(() => put(), { sources: once('a') });
    expect([status, end?.error?.message]).toEqual([
      'failed',
      'the memory entry of the board holds no board: {entries: […]}',
    ]);
    house.memory = new ScriptedMemory();
    house.memory.isFull = true;
    const full = await play(() => put(one('x', 1)), { sources: once('a') });
    expect([full.status, full.end?.warnings]).toEqual([
      'completed',
      ['the board was not kept: the entry is too large'],
    ]);
  });

  it('is kept when the run is canceled', async () => {
    const handle = await house.start(
      bySource({ quick: () => put(one('x', 1)), slow: () => ({ ...put(), afterMs: 30_000 }) as never }),
      { sources: once('quick', 'slow'), board: { memory: PLACE } } as unknown as Json,
    );
    await until(() => house.agents.keys.some((key) => key.includes('slow')));
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect(values()).toEqual({ 'board/x': 1 });
  });
});
