import type { Page } from '../../../contracts/lists.js';
import type { Run, RunSummary } from '../../../contracts/runs.js';
import { itemsLine } from '../../../contracts/story/items-line.js';
import { ago, between, table } from './table.js';

export function runsTable({ items, nextCursor }: Page<RunSummary>): string {
  if (items.length === 0) return 'No runs yet. Start one with `brikk run <pattern|file>`.';
  const rows = items.map((run) => [
    run.id,
    run.pattern,
    run.status,
    between(run.acceptedAt, run.finishedAt),
    ago(run.acceptedAt),
    labelText(run.labels),
  ]);
  const more = nextCursor ? `\n\nMore with --cursor ${nextCursor}` : '';
  return table(['RUN', 'PATTERN', 'STATUS', 'TOOK', 'ACCEPTED', 'LABELS'], rows) + more;
}

/** What a run came to, and where to read on. */
export function runDetail(run: Run): string {
  const lines = [
    ['run', run.id],
    ['pattern', run.pattern],
    ['status', statusText(run)],
    ['took', between(run.acceptedAt, run.finishedAt)],
    ['calls', String(run.usage.calls ?? run.contributions.length)],
    ...(run.budget ? [['budget', budgetText(run.budget)]] : []),
    ...(run.bulk ? [['items', itemsLine(run.bulk)]] : []),
    ['labels', labelText(run.labels) || '–'],
    ...(run.error ? [['error', `${run.error.message} (${run.error.code})`]] : []),
    ...run.warnings.map((warning) => ['warning', warning]),
    ...run.feedback.map(({ callKey, score, comment }) => [
      'feedback',
      [String(score), callKey && `for ${callKey}`, comment].filter(Boolean).join(' '),
    ]),
  ];
  const head = lines.map(([name, value]) => `${(name ?? '').padEnd(8)}  ${value}`).join('\n');
  return run.finishedAt === null ? head : `${head}\n\n${JSON.stringify(run.output, null, 2)}`;
}

function statusText({ status, terminationReason, degraded }: Run): string {
  const reason = terminationReason ? ` (${terminationReason})` : '';
  return `${status}${reason}${degraded ? ', degraded' : ''}`;
}

/** `costUsd 0.3 of 1, calls 2 of 5`, with what calls under way hold. */
function budgetText({ limits, used, reserved }: NonNullable<Run['budget']>): string {
  return Object.entries(limits)
    .flatMap(([limit, most]) => {
      if (typeof most !== 'number') return [];
      const amount = used[limit as keyof typeof used];
      const held = reserved[limit as keyof typeof reserved] ?? 0;
      return `${limit} ${amount === undefined ? 'at most' : `${amount} of`} ${most}${held > 0 ? ` (${held} held)` : ''}`;
    })
    .join(', ');
}

const labelText = (labels: Record<string, string>) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
