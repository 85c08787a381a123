import { describe, expect, it } from '@jest/globals';
import type { Value } from '../../contracts/values.js';
import { carriedHistory, historyFrom } from './carried-history.js';
import type { HistoryEntry } from './run-history.js';

const entry = (index: number, output: Value): HistoryEntry => ({ path: `/do/${index}`, output, tokens: index });

describe('what later work is told, in a new history', () => {
  it('is what it was before, with large outputs where they are stored', async () => {
    const stored: Value = { ref: 'r1', bytes: 90_000, length: 3 };
    const entries = [
      entry(0, { inline: ['a'] }),
      { ...entry(1, { list: [{ inline: 1 }] }), role: 'voter', round: 2 },
      entry(2, stored),
      entry(3, { object: { n: { inline: 3 } } }),
    ];
    const carried = await carriedHistory(entries, (value) => Promise.resolve(value));
    expect(historyFrom(JSON.parse(JSON.stringify(carried)))).toEqual(entries);
    expect(carried.outputs).toHaveLength(3);
  });

  it('keeps thousands of outputs in a few stored lists, the newest ones', async () => {
    const entries = Array.from({ length: 6_000 }, (_, index) => entry(index, { inline: 'x'.repeat(200) + index }));
    const lists: Value[][] = [];
    const carried = await carriedHistory(entries, (value) => {
      const { list } = value as { list: Value[] };
      lists.push(list);
      return Promise.resolve({ ref: String(lists.length - 1), bytes: 256 * 1_024, length: list.length });
    });
    expect(lists.length).toBeLessThan(6);
    expect(JSON.stringify(carried).length).toBeLessThan(256 * 1_024);
    const found = historyFrom(carried).map(({ path, output }) => {
      const { ref, index = -1 } = output as { ref: string; index?: number };
      return [path, ((lists[Number(ref)] ?? [])[index] as { inline: string }).inline.slice(200)];
    });
    expect(found).toEqual(Array.from({ length: 5_000 }, (_, at) => [`/do/${at + 1_000}`, String(at + 1_000)]));
  });

  it('is nothing when there was nothing', async () => {
    const carried = await carriedHistory([], (value) => Promise.resolve(value));
    expect([carried, historyFrom(carried)]).toEqual([{ told: [], outputs: [] }, []]);
  });
});
