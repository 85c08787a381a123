import { describe, expect, it } from '@jest/globals';
import type { PatternContext } from '../lib/pattern-context.js';
import { completed, failed } from '../lib/pattern-result.js';
import { NULL } from '../lib/values.js';
import type { ItemResult, ItemsEnd } from './run-items.js';
import { idealMakespanMs, reportWork } from './work-report.js';

const item = (index: number, elapsedMs: number, more: object = {}): ItemResult =>
  ({
    branch: { index, name: `items/${index}` },
    result: completed(NULL),
    attempts: 1,
    elapsedMs,
    isCopy: false,
    ...more,
  }) as unknown as ItemResult;

/** What is decided about these results. */
function reported(ended: ItemResult[], end: object = {}) {
  const decided: { rule: string; scores: Record<string, unknown>; chosen: unknown }[] = [];
  const ctx = { decide: (decision: (typeof decided)[0]) => decided.push(decision) } as unknown as PatternContext;
  const results = new Map(ended.map((result, place) => [String(place), result]));
  reportWork(ctx, { items: ended, results, refused: 0, mostAtOnce: 2, makespanMs: 100, ...end } as unknown as ItemsEnd);
  return decided[0]!;
}

describe('the report of work', () => {
  it('counts what was done, given out again and given up, and shows what is remarkable first', () => {
    const dead = item(2, 30, {
      attempts: 3,
      result: failed('agent_failed', NULL, { code: 'agent.failed', message: 'no' }),
    });
    const { rule, scores, chosen } = reported([item(0, 60), item(1, 40), dead]);
    expect(rule).toBe('3 items, at most 2 at once');
    expect(scores).toMatchObject({
      total: 3,
      completed: 2,
      reassigned: 2,
      deadLetters: ['items/2'],
      deadLetterCount: 1,
    });
    expect(scores.utilisation).toBeCloseTo(130 / 200);
    expect((scores.items as { item: string }[]).map((shown) => shown.item)).toEqual(['items/2', 'items/0', 'items/1']);
    expect((scores.items as object[])[0]).toMatchObject({ status: 'failed', attempts: 3, error: 'no' });
    expect(chosen).toBe('1 dead letters');
  });

  it('takes no less time than the longest chain of items that follow one another', () => {
    const chained = { branch: { index: 0, name: 'items/0', partition: 'p' } };
    const { scores, chosen } = reported([item(0, 70, chained), item(1, 80, chained)], { makespanMs: 20 });
    expect(scores).toMatchObject({ idealMakespanMs: 150, makespanMs: 150, utilisation: 0.5 });
    expect(chosen).toBe('all done');
  });

  it('knows the ideal of even shares, of the longest item and of nothing', () => {
    expect(idealMakespanMs([10, 10, 10, 10], [], 2)).toBe(20);
    expect(idealMakespanMs([50, 10], [], 2)).toBe(50);
    expect(idealMakespanMs([], [], 0)).toBe(0);
  });
});
