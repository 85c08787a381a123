import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chosenHistory, compactHistory } from './compact-history.js';
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

  it('is all when that fits, and otherwise the last, under auto', () => {
    const chosen = (maxTokens: number) => namesOf(chosenHistory(all, { ...terms, pass: 'auto', maxTokens }));
    expect([chosen(30), chosen(29)]).toEqual([['a', 'b', 'c'], ['c']]);
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
