import { describe, expect, it } from '@jest/globals';
import type { BulkItem } from '../../../contracts/bulk.js';
import type { BulkCounts, Run } from '../../../contracts/runs.js';
import { itemDetail, itemsTable, summaryTable } from './bulk-output.js';
import { itemsLine } from '../../../contracts/story/items-line.js';

const counts: BulkCounts = {
  total: 20,
  accepted: 0,
  running: 0,
  completed: 8,
  partial: 0,
  failed: 12,
  canceled: 0,
  timed_out: 0,
  budget_exceeded: 0,
  rejected: 0,
};
const item: BulkItem = {
  index: 3,
  status: 'failed',
  terminationReason: 'agent_failed',
  error: { code: 'agent.rejected', message: 'not a text' },
  degraded: false,
  warnings: [],
  runId: 's',
  startedAt: '2026-11-21T16:30:00.000Z',
  finishedAt: '2026-11-21T16:30:01.500Z',
};
const run = {
  id: 'r',
  status: 'partial',
  terminationReason: 'agent_failed',
  acceptedAt: '2026-11-21T16:30:00.000Z',
  finishedAt: '2026-11-21T16:30:02.000Z',
  bulk: counts,
} as Run;

describe('what is printed of a bulk run', () => {
  it('is how far it is, with what is under way', () => {
    expect(itemsLine({ ...counts, accepted: 3, running: 2, failed: 7 })).toBe(
      '15 of 20 items: 2 running, 8 completed, 7 failed',
    );
    expect(itemsLine({ ...counts, accepted: 20, completed: 0, failed: 0 })).toBe('0 of 20 items');
  });

  it('is a summary with the first failures and where to read on', () => {
    expect(summaryTable(run, [item]).split('\n')).toEqual([
      'Run r: partial (agent_failed) after 2.0 s',
      '',
      'STATUS     ITEMS',
      'completed  8',
      'failed     12',
      '',
      'Failed items',
      '  3: not a text',
      '  and 11 more: brikk runs items r --status failed',
      '',
      'Outputs: brikk runs items r -o json',
    ]);
  });

  it('is a row for each item, and where the next page begins', () => {
    const done: BulkItem = { ...item, index: 4, status: 'completed', error: null, output: { n: 1 } };
    expect(itemsTable({ items: [item, done], nextCursor: 'c' }).split('\n')).toEqual([
      'ITEM  STATUS     TOOK   OUTPUT',
      '3     failed     1.5 s  not a text',
      '4     completed  1.5 s  {"n":1}',
      '',
      'More with --cursor c',
    ]);
    expect(itemsTable({ items: [], nextCursor: null })).toBe('No such items.');
  });

  it('is one item with its calls, input and output', () => {
    const calls = [{ callKey: 'items/3', agent: 'triage', status: 'failed', execMs: 20 }];
    const detail = { ...item, input: 'in', output: null, contributions: calls } as Parameters<typeof itemDetail>[0];
    expect(itemDetail(detail).split('\n')).toEqual([
      'item 3: failed (agent_failed)',
      'error: not a text (agent.rejected)',
      '',
      'Calls',
      '  items/3 by triage: failed in 20 ms',
      '',
      'Input',
      '"in"',
      '',
      'Output',
      'null',
    ]);
  });
});
