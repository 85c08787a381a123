import type { BulkItem, BulkItemDetail } from '../../../contracts/bulk.js';
import type { Page } from '../../../contracts/lists.js';
import { ITEM_STATUSES, type Run } from '../../../contracts/runs.js';
import { duration, shorten } from '../../../contracts/story/words.js';
import { between, table } from './table.js';

/** How the items ended, and what was wrong with the first that failed. */
export function summaryTable(run: Run, failed: BulkItem[]): string {
  const rows = ITEM_STATUSES.flatMap((status) => {
    const items = run.bulk?.[status] ?? 0;
    return items > 0 ? [[status, String(items)]] : [];
  });
  const shown = failed.map(
    (item) => `  ${item.index}: ${item.error?.message ?? item.terminationReason ?? 'no reason'}`,
  );
  const more = (run.bulk?.failed ?? 0) - failed.length;
  if (more > 0) shown.push(`  and ${more} more: brikk runs items ${run.id} --status failed`);
  return [
    `Run ${run.id}: ${run.status} (${run.terminationReason}) after ${between(run.acceptedAt, run.finishedAt)}`,
    '',
    table(['STATUS', 'ITEMS'], rows),
    ...(shown.length > 0 ? ['', 'Failed items', ...shown] : []),
    '',
    `Outputs: brikk runs items ${run.id} -o json`,
  ].join('\n');
}

export function itemsTable({ items, nextCursor }: Page<BulkItem>): string {
  if (items.length === 0) return 'No such items.';
  const rows = items.map((item) => [
    String(item.index),
    item.status,
    between(item.startedAt, item.finishedAt),
    shorten(item.error?.message ?? item.output ?? item.outputRef ?? '', 80),
  ]);
  return table(['ITEM', 'STATUS', 'TOOK', 'OUTPUT'], rows) + (nextCursor ? `\n\nMore with --cursor ${nextCursor}` : '');
}

export function itemDetail({ index, status, terminationReason, input, output, error, contributions }: BulkItemDetail) {
  const calls = contributions.map(
    ({ callKey, agent, status: outcome, execMs }) =>
      `  ${callKey} by ${agent ?? 'nobody'}: ${outcome} in ${duration(execMs)}`,
  );
  return [
    `item ${index}: ${terminationReason ? `${status} (${terminationReason})` : status}`,
    ...(error ? [`error: ${error.message} (${error.code})`] : []),
    ...(calls.length > 0 ? ['', 'Calls', ...calls] : []),
    '',
    `Input\n${JSON.stringify(input, null, 2)}`,
    '',
    `Output\n${JSON.stringify(output, null, 2)}`,
  ].join('\n');
}
