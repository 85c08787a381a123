import type { BulkCounts } from '../../contracts/runs.js';
import type { StopReason } from '../lib/stop-scope.js';
import { type PatternResult, result } from '../lib/pattern-result.js';
import { inline } from '../lib/values.js';

/**
 * How items ended together: `completed` when all did, `partial` when some have an output, `failed` when none has; a
 * bulk that was stopped before all completed says why. The output is the counts.
 */
export function bulkEnd(counts: BulkCounts, stopped: StopReason | undefined): PatternResult {
  const { total, completed, partial } = counts;
  const output = inline({ ...counts });
  if (completed === total) return result('completed', 'done', output);
  const warnings = [`${total - completed} of ${total} items did not complete: ${shares(counts)}`];
  if (stopped === 'canceled') return { ...result('canceled', 'canceled', output), warnings };
  if (stopped === 'deadline') return { ...result('timed_out', 'deadline', output), warnings };
  const status = completed + partial > 0 ? 'partial' : 'failed';
  return { ...result(status, 'agent_failed', output), warnings };
}

function shares({ total: _total, completed: _completed, ...others }: BulkCounts): string {
  const parts = Object.entries(others).flatMap(([status, items]) => (items > 0 ? [`${items} ${status}`] : []));
  return parts.join(', ');
}

/** How many items each of the shards that run side by side may have under way; together `maxConcurrency`. */
export function lanes(shards: number, maxConcurrency: number, most: number): number[] {
  const width = Math.min(shards, maxConcurrency, most);
  const share = Math.floor(maxConcurrency / width);
  return Array.from({ length: width }, (_, lane) => share + (lane < maxConcurrency % width ? 1 : 0));
}

/** What becomes of an item that nobody has ended. */
export function unsaidEnd(stopped: StopReason | undefined): Pick<PatternResult, 'status' | 'terminationReason'> {
  if (stopped === 'canceled') return { status: 'canceled', terminationReason: 'canceled' };
  if (stopped === 'deadline') return { status: 'timed_out', terminationReason: 'deadline' };
  if (stopped === 'budget') return { status: 'budget_exceeded', terminationReason: 'budget' };
  return { status: 'failed', terminationReason: 'internal' };
}
