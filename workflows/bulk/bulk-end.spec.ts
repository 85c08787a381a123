import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type BulkCounts, ITEM_STATUSES } from '../../contracts/runs.js';
import { bulkEnd, lanes } from './bulk-end.js';

const counts = (given: Partial<BulkCounts>): BulkCounts => {
  const all = Object.fromEntries(ITEM_STATUSES.map((status) => [status, given[status] ?? 0]));
  return { ...all, total: Object.values(all).reduce((sum, count) => sum + count, 0) } as BulkCounts;
};
const end = (given: Partial<BulkCounts>, stopped?: 'canceled' | 'deadline') => {
  const { status, terminationReason, warnings } = bulkEnd(counts(given), stopped);
  return [status, terminationReason, warnings.length];
};

describe('the end of a bulk run', () => {
  it('is completed when every item is, also when it was stopped after that', () => {
    expect(end({ completed: 3 })).toEqual(['completed', 'done', 0]);
    expect(end({ completed: 3 }, 'canceled')).toEqual(['completed', 'done', 0]);
  });

  it('is partial when some items have an output, failed when none has', () => {
    expect(end({ completed: 1, failed: 2 })).toEqual(['partial', 'agent_failed', 1]);
    expect(end({ partial: 3 })).toEqual(['partial', 'agent_failed', 1]);
    expect(end({ failed: 2, canceled: 1 })).toEqual(['failed', 'agent_failed', 1]);
  });

  it('says that it was canceled or ran out of time', () => {
    expect(end({ completed: 1, canceled: 2 }, 'canceled')).toEqual(['canceled', 'canceled', 1]);
    expect(end({ completed: 1, timed_out: 2 }, 'deadline')).toEqual(['timed_out', 'deadline', 1]);
  });

  it('names the counts of what did not complete', () => {
    expect(bulkEnd(counts({ completed: 1, failed: 2, canceled: 1 }), undefined).warnings).toEqual([
      '3 of 4 items did not complete: 2 failed, 1 canceled',
    ]);
  });
});

describe('lanes', () => {
  it('share out all places, none without one, at most as many as there are shards', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1_000 }), (shards, most) => {
        const shares = lanes(shards, most, 4);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(most);
        expect(Math.min(...shares)).toBeGreaterThan(0);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        expect(shares.length).toBe(Math.min(4, shards, most));
      }),
    );
  });
});
