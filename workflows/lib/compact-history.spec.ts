import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ContextTerms } from '../../contracts/context.js';
import { chosenHistory, compactHistory, fittingPass } from './compact-history.js';
import type { HistoryEntry } from './run-history.js';

const entry = (name: string, change: Partial<HistoryEntry> = {}): HistoryEntry => ({
  path: `/steps/${name}`,
  output: { inline: name },
  tokens: 10,
  ...change,
});
const namesOf = (entries: HistoryEntry[]) => entries.map(({ path }) => path.split('/').at(-1));
const terms = { maxTokens: 25, compaction: 'drop-oldest' as const };
const all = [entry('a'), entry('b', { role: 'maker' }), entry('c')];

describe('what a call is told of', () => {
  it('is nothing, the last, all, or what is named by step or role', () => {
    const chosen = (pass: 'none' | 'last' | 'all' | string[]) => namesOf(chosenHistory(all, { ...terms, pass }));
    expect([chosen('none'), chosen('last'), chosen('all')]).toEqual([[], ['c'], ['a', 'b', 'c']]);
    expect([chosen(['a', 'maker']), chosen(['x'])]).toEqual([['a', 'b'], []]);
  });

  it('is all when that fits, a summary where somebody makes one, the last, or nothing, under auto', () => {
    const chosen = (room: number, compaction: ContextTerms['compaction'] = 'drop-oldest') =>
      fittingPass(all, { compaction }, room);
    expect([chosen(30), chosen(29), chosen(10), chosen(9)]).toEqual(['all', 'last', 'last', 'none']);
    const summarise = { summarise: { capability: 'shorten' } };
    expect([chosen(30, summarise), chosen(9, summarise), chosen(0, summarise)]).toEqual(['all', 'summary', 'none']);
  });
});

describe('a history that does not fit', () => {
  it('keeps the newest in their order', () => {
    const { kept, left } = compactHistory(all, { ...terms, pass: 'all' });
    expect([namesOf(kept), namesOf(left)]).toEqual([['b', 'c'], ['a']]);
  });

  it('keeps or leaves whole rounds under a sliding window', () => {
    const rounds = [entry('a', { round: 1 }), entry('b', { round: 1 }), entry('c', { round: 2 })];
    const { kept } = compactHistory(rounds, { pass: 'all', maxTokens: 25, compaction: 'sliding-window' });
    expect(namesOf(kept)).toEqual(['c']);
  });

  it('keeps or leaves a call of a tool together with its answers, which need not follow it', () => {
    const tools = (...toolIds: string[]) => ({ toolIds });
    const entries = [
      entry('ask', tools('t1', 't2')),
      entry('chat'),
      entry('one', tools('t1')),
      entry('two', tools('t2')),
      entry('end'),
    ];
    const kept = (maxTokens: number) =>
      namesOf(compactHistory(entries, { pass: 'all', maxTokens, compaction: 'keep-tools' }).kept);
    expect([kept(10), kept(39), kept(40), kept(50)]).toEqual([
      ['end'],
      ['end'],
      ['ask', 'one', 'two', 'end'],
      ['ask', 'chat', 'one', 'two', 'end'],
    ]);
    expect(namesOf(chosenHistory(entries.slice(0, 4), { ...terms, pass: 'last' }))).toEqual(['ask', 'one', 'two']);
  });

  it('never tears a call of a tool from its answers, nor exceeds the size', () => {
    const some = fc.record({
      tokens: fc.nat(50),
      toolIds: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(some), fc.nat(200), (given, maxTokens) => {
        const all = given.map((change, index) => entry(String(index), change));
        const { kept, left } = compactHistory(all, { pass: 'all', maxTokens, compaction: 'keep-tools' });
        const idsOf = (entries: HistoryEntry[]) => entries.flatMap(({ toolIds = [] }) => toolIds);
        expect(idsOf(kept).filter((id) => idsOf(left).includes(id))).toEqual([]);
        expect(kept.length + left.length).toBe(all.length);
        expect(kept.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(maxTokens);
      }),
    );
  });

  it('never exceeds the size, and loses nothing between what is kept and what is left', () => {
    const entries = fc.array(
      fc
        .record({ tokens: fc.nat(50), round: fc.option(fc.nat(3), { nil: undefined }) })
        .map((given) => entry('x', given)),
    );
    const how = fc.constantFrom('drop-oldest' as const, 'sliding-window' as const);
    fc.assert(
      fc.property(entries, fc.nat(100), how, (given, maxTokens, compaction) => {
        const { kept, left } = compactHistory(given, { pass: 'all', maxTokens, compaction });
        expect([...left, ...kept]).toEqual(given);
        expect(kept.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(maxTokens);
      }),
    );
  });
});
