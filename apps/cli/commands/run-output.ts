import type { Page } from '../../../contracts/lists.js';
import type { Run, RunSummary } from '../../../contracts/runs.js';
import type { RunView } from '../../../contracts/run-view.js';
import { shorten } from './event-line.js';
import { ago, between, duration, table } from './table.js';

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
    ['status', run.terminationReason ? `${run.status} (${run.terminationReason})` : run.status],
    ['took', between(run.acceptedAt, run.finishedAt)],
    ['calls', String(run.usage.calls ?? run.contributions.length)],
    ['labels', labelText(run.labels) || '–'],
    ...(run.error ? [['error', `${run.error.message} (${run.error.code})`]] : []),
    ...run.warnings.map((warning) => ['warning', warning]),
  ];
  const head = lines.map(([name, value]) => `${(name ?? '').padEnd(8)}  ${value}`).join('\n');
  return run.finishedAt === null ? head : `${head}\n\n${JSON.stringify(run.output, null, 2)}`;
}

/** Steps, calls and decisions in words, for a person who was not there. */
export function runStory(view: RunView): string {
  const steps = view.steps.map(({ path, outcome, undone, reason, startedAt, finishedAt }) => {
    const detail = [between(startedAt, finishedAt), reason, undone && `undone: ${undone}`].filter(
      (part) => part && part !== '–',
    );
    return `  ${mark(outcome)} ${path} ${outcome}${detail.length > 0 ? ` (${detail.join(', ')})` : ''}`;
  });
  const calls = view.calls.map((call) => {
    const tries = call.attempts > 1 ? `, ${call.attempts} attempts` : '';
    const result = call.error ? call.error.message : shorten(call.output ?? call.outputRef ?? '', 80);
    const time = call.execMs === null ? '' : ` in ${duration(call.execMs)}`;
    return `  ${mark(call.status)} ${call.callKey} by ${call.agent ?? 'nobody'}${time}${tries}: ${result}`;
  });
  const decisions = view.decisions.map(
    ({ what, rule, chosen }) => `  · ${what} by ${rule}${chosen === undefined ? '' : `: ${shorten(chosen, 80)}`}`,
  );
  const reason = view.terminationReason ? `, ${view.terminationReason}` : '';
  const took = view.finishedAt === null ? '' : ` after ${between(view.acceptedAt, view.finishedAt)}`;
  return [
    `Run of pattern ${view.pattern ?? '?'}, ${view.status}${took}${reason}.`,
    ...section('Steps', steps),
    ...section('Calls', calls),
    ...section('Decisions', decisions),
    ...(view.error ? ['', `It ended with: ${view.error.message} (${view.error.code})`] : []),
  ].join('\n');
}

const section = (title: string, lines: string[]) => (lines.length > 0 ? ['', title, ...lines] : []);
const mark = (outcome: string) => ({ completed: '✓', failed: '✗', running: '…' })[outcome] ?? '–';
const labelText = (labels: Record<string, string>) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
