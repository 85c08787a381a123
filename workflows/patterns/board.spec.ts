import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Source } from '../../contracts/blackboard.js';
import type { Json } from '../../contracts/json.js';
import { inline, plain } from '../lib/values.js';
import { Board, type Write } from './board.js';
import { byPriority, byTurn, byValue, hasNews, type SourceState, startSource, withoutRaces } from './board-agenda.js';
import { BoardLog } from './board-log.js';
import { creditOf } from './board-report.js';
import { readHeadings } from './board-writes.js';

const write = (key: string, value: Json, more: Partial<Write> = {}): Write => ({
  section: 's',
  key,
  value: inline(value),
  confidence: null,
  ttlMs: null,
  remove: false,
  ...more,
});
const by = (author: string, causedBy = author, now = 0) => ({ author, causedBy, now });
const step = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  value: fc.integer({ min: 0, max: 3 }),
  author: fc.constantFrom('x', 'y', 'z'),
  kind: fc.constantFrom('apply', 'beside', 'remove'),
});

describe('a board', () => {
  it('never repeats a version of a place, and counts every change of a value, whatever is written and removed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const board = new Board();
        const seen = new Map<string, string>();
        for (const [index, { key, value, author, kind }] of steps.entries()) {
          const before = board.revision;
          const origin = by(author, `a${index}`);
          const one = write(key, value, { remove: kind === 'remove' });
          const entry = kind === 'beside' ? board.applyBeside(one, origin) : board.apply(one, origin);
          expect(board.changesSince(before)).toHaveLength(board.revision - before);
          if (!entry || kind === 'remove') continue;
          const id = `${entry.section}/${entry.key}@${entry.version}`;
          const text = JSON.stringify(entry.value);
          expect(seen.get(id) ?? text).toBe(text);
          seen.set(id, text);
        }
      }),
    );
  });

  it('has each source stand behind one value of a place at most', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const board = new Board();
        for (const { key, value, author, kind } of steps) {
          if (kind === 'beside') board.applyBeside(write(key, value), by(author));
          else board.apply(write(key, value), by(author));
        }
        for (const place of ['a', 'b', 'c']) {
          const voices = board.entries.filter((entry) => entry.key.startsWith(place)).flatMap((e) => e.supportedBy);
          expect(new Set(voices).size).toBe(voices.length);
        }
      }),
    );
  });

  it('takes a write for contrary only when someone else changed the place to another value since', () => {
    const board = new Board();
    board.apply(write('k', 1), by('x', 'a1'));
    expect(board.isContrary(write('k', 2), 0, 'a2')).toBe(true);
    expect(board.isContrary(write('k', 1), 0, 'a2')).toBe(false);
    expect(board.hasChanged(write('k', 1), 0, 'a2')).toBe(true);
    expect(board.isContrary(write('k', 2), 0, 'a1')).toBe(false);
    expect(board.isContrary(write('k', 2), board.revision, 'a2')).toBe(false);
    expect(board.isContrary(write('k', null, { remove: true }), 0, 'a2')).toBe(true);
    const read = board.revision;
    board.apply(write('k', null, { remove: true }), by('x', 'a3'));
    expect(board.isContrary(write('k', 2), read, 'a4')).toBe(true);
    expect(board.isContrary(write('k', null, { remove: true }), read, 'a4')).toBe(false);
  });

  it('lets entries go at the end of their time, and a repeat prolongs it', () => {
    const board = new Board();
    board.apply(write('k', 1, { ttlMs: 10 }), by('x', 'a1', 0));
    board.apply(write('k', 1, { ttlMs: 10 }), by('y', 'a2', 5));
    expect(board.expire(14)).toEqual([]);
    expect(board.expire(15).map(({ key }) => key)).toEqual(['k']);
    expect(board.apply(write('k', 1), by('x', 'a3'))).toMatchObject({ id: 'e1', version: 3 });
  });

  it('shows any name of a key safely', () => {
    const board = new Board();
    board.apply(write('__proto__', 1), by('x'));
    board.apply(write('b', 2), by('x'));
    expect(JSON.stringify(plain(board.view()))).toBe('{"s":{"__proto__":1,"b":2}}');
  });
});

describe('an answer', () => {
  const fallback = { section: 's', key: 'k' };

  it('is read without an exception, whatever it holds', () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.record({ writes: fc.jsonValue() }),
      fc.record({ writes: fc.array(fc.record({ key: fc.jsonValue(), value: fc.jsonValue(), ttlMs: fc.jsonValue() })) }),
    );
    fc.assert(
      fc.property(odd, (answer) => {
        const { headings, whole } = readHeadings(answer as Json, fallback);
        for (const heading of headings) {
          if (!heading) continue;
          expect(heading.section).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
          expect(heading.key.length).toBeGreaterThan(0);
        }
        if (whole) expect(headings).toEqual([{ ...fallback, confidence: null, ttlMs: null, remove: false }]);
      }),
    );
  });

  it.each<[string, Json]>([
    ['no value', { key: 'k' }],
    ['a confidence above 1', { value: 1, confidence: 2 }],
    ['a section with a slash', { section: 'a/b', value: 1 }],
    ['an endless key', { key: 'k'.repeat(300), value: 1 }],
    ['a time that is none', { value: 1, ttlMs: -1 }],
    ['text', 'write it'],
  ])('does not take %s for a write', (_, odd) => {
    expect(readHeadings({ writes: [odd] }, fallback).headings).toEqual([undefined]);
  });
});

const source = (name: string, more: Partial<Source> = {}): Source =>
  ({ capability: name, name, priority: 0, cost: 0, ...more }) as Source;
const state = (name: string, index: number, more: Partial<SourceState> = {}): SourceState => ({
  ...startSource(source(name), index),
  ...more,
});
const names = (states: SourceState[]) => states.map(({ name }) => name);

describe('the agenda', () => {
  it('has news for a source once, then for changes by others, and with `when` also for its own', () => {
    const board = new Board();
    const plainSource = state('x', 0);
    expect(hasNews(plainSource, board)).toBe(true);
    plainSource.readRevision = 0;
    expect(hasNews(plainSource, board)).toBe(false);
    board.apply(write('k', 1), by('x'));
    expect(hasNews(plainSource, board)).toBe(false);
    expect(hasNews({ ...plainSource, source: source('x', { when: 'true' }) }, board)).toBe(true);
    board.apply(write('k', 2), by('y'));
    expect(hasNews(plainSource, board)).toBe(true);
    expect(hasNews({ ...plainSource, underWay: true }, board)).toBe(false);
    const spent = { ...plainSource, source: source('x', { maxActivations: 1 }), activations: 1 };
    expect(hasNews(spent, board)).toBe(false);
  });

  it('gives those that lost a race for a place their turn one at a time', () => {
    const claims = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 });
    fc.assert(
      fc.property(fc.array(claims, { maxLength: 8 }), fc.array(claims, { maxLength: 2 }), (waiting, busy) => {
        const under = busy.map((held, index) => state(`u${index}`, index, { claims: [...new Set(held)] }));
        const free = withoutRaces(
          waiting.map((held, index) => state(`w${index}`, index, { claims: [...new Set(held)] })),
          under.slice(0, 1),
        );
        const taken = [...under.slice(0, 1), ...free].flatMap((one) => one.claims);
        expect(new Set(taken).size).toBe(taken.length);
        if (under.length === 0 && waiting.length > 0) expect(free.length).toBeGreaterThan(0);
      }),
    );
  });

  it('orders by priority, cost and declaration', () => {
    const states = [
      startSource(source('late', { priority: 1, cost: 2 }), 0),
      startSource(source('cheap', { priority: 1, cost: 1 }), 1),
      startSource(source('first', { priority: 2 }), 2),
    ];
    expect(names(byPriority(states))).toEqual(['first', 'cheap', 'late']);
  });

  it('goes around', () => {
    const states = [state('a', 0), state('b', 1), state('c', 2)];
    expect(names(byTurn(states, -1, 3))).toEqual(['a', 'b', 'c']);
    expect(names(byTurn(states, 1, 3))).toEqual(['c', 'a', 'b']);
  });

  it('takes the highest value less cost, leaves out what adds nothing, and puts the silent last', () => {
    const valued = (name: string, index: number, value: number | null, cost = 0) => ({
      ...startSource(source(name, { cost }), index),
      valued: { revision: 0, value },
    });
    const states = [valued('silent', 0, null), valued('dear', 1, 5, 4), valued('good', 2, 3), valued('none', 3, 1, 1)];
    expect(names(byValue(states))).toEqual(['good', 'dear', 'silent']);
  });
});

describe('the report', () => {
  it('shares the entries that stand at the end among those who wrote them', () => {
    const board = new Board();
    const log = new BoardLog();
    board.apply(write('given', 0), by('start'));
    for (const [author, key] of [
      ['x', 'a'],
      ['x', 'b'],
      ['y', 'b'],
      ['y', 'c'],
    ] as const) {
      const activation = log.start(author, 1, []);
      activation.status = 'completed';
      activation.wrote.push(board.apply(write(key, author), by(author))!.id);
    }
    expect(creditOf({ board, log, names: ['x', 'y'] })).toMatchObject({
      x: { activations: 2, writes: 2, standing: 1, share: 1 / 3 },
      y: { activations: 2, writes: 2, standing: 2, share: 2 / 3 },
    });
  });

  it('cuts a flood of warnings', () => {
    const log = new BoardLog();
    for (let index = 0; index < 150; index += 1) log.refuse(log.start('x', 1, []), { section: 's', key: 'k' }, 'no');
    expect(log.warnings()).toHaveLength(101);
    expect(log.warnings().at(-1)).toBe('and 50 more warnings');
  });
});
