import type { Command } from 'commander';
import type { Approval, ApprovalStatus, ApprovalSummary, DecideApproval } from '../../../contracts/approvals.js';
import type { Json } from '../../../contracts/json.js';
import type { Page } from '../../../contracts/lists.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { shorten } from '../../../contracts/story/words.js';
import { jsonArgument } from './json-argument.js';
import { ago, table } from './table.js';

type Options = ConnectOptions & { output?: 'json' | 'table' };
type ListOptions = Options & { status?: ApprovalStatus; assignee?: string; run?: string; cursor?: string };
type DecideOptions = Options & { comment?: string; data?: string };

const VERBS = {
  approve: 'let the work go on',
  reject: 'end the work',
  answer: 'give its input (before) or its output (after, on failure) yourself',
} as const;

/** `brikk approvals list|get|approve|reject|answer`. */
export function registerApprovalCommands(program: Command): void {
  const approvals = program.command('approvals').description('what runs ask of persons');
  const list = approvals
    .command('list')
    .description('pending approvals, the newest first')
    .option('--status <status>', 'another status than pending, or all')
    .option('--assignee <name>', 'only those that name this assignee')
    .option('--run <id>', 'only those of this run')
    .option('--cursor <cursor>');
  withOutput(withApi(list)).action(({ output, apiUrl, apiKey, status = 'pending', ...filters }: ListOptions) =>
    reporting(async () => {
      const wanted = { limit: 200, ...filters, ...((status as string) === 'all' ? {} : { status }) };
      const page = await connect({ apiUrl, apiKey }).approvals.list(wanted);
      console.log(output === 'json' ? JSON.stringify(page, null, 2) : approvalsTable(page));
    }),
  );
  withOutput(withApi(approvals.command('get <id>').description('what is asked, and of what'))).action(
    (id: string, { output, ...options }: Options) =>
      reporting(async () => {
        const approval = await connect(options).approvals.get(id);
        console.log(output === 'json' ? JSON.stringify(approval, null, 2) : approvalDetail(approval));
      }),
  );
  for (const verb of ['approve', 'reject', 'answer'] as const) {
    const decide = approvals.command(`${verb} <id>`).description(VERBS[verb]).option('--comment <text>');
    if (verb === 'answer') decide.requiredOption('--data <json|@file>', 'the answer');
    withOutput(withApi(decide)).action((id: string, { output, comment, data, ...options }: DecideOptions) =>
      reporting(async () => {
        const said = data === undefined ? {} : { data: jsonArgument('--data', data) as Json };
        const decision: DecideApproval = { decision: verb, comment, ...said };
        const approval = await connect(options).approvals.decide(id, decision);
        console.log(
          output === 'json' ? JSON.stringify(approval, null, 2) : `Approval ${id} ${approval.status}: ${approval.path}`,
        );
      }),
    );
  }
}

export function approvalsTable({ items, nextCursor }: Page<ApprovalSummary>): string {
  if (items.length === 0) return 'No approvals.';
  const rows = items.map(({ id, status, path, question, assignees, openedAt, dueAt }) => [
    id,
    status,
    path,
    shorten(question, 60),
    assignees.join(', ') || 'anyone',
    ago(openedAt),
    dueAt,
  ]);
  const more = nextCursor ? `\n\nMore with --cursor ${nextCursor}` : '';
  return table(['APPROVAL', 'STATUS', 'PATH', 'QUESTION', 'ASSIGNEES', 'OPENED', 'DUE'], rows) + more;
}

export function approvalDetail(approval: Approval): string {
  const { id, runId, path, status, question, assignees, dueAt, onTimeout, decision, decidedBy, comment } = approval;
  const lines = [
    ['approval', id],
    ['run', runId],
    ['path', path],
    ['status', status],
    ['question', question],
    ['for', assignees.join(', ') || 'anyone who may decide approvals'],
    ['due', `${dueAt}, then ${onTimeout}`],
    ...(decision === null ? [] : [['decision', `${decision} by ${decidedBy?.name ?? 'time'}`]]),
    ...(comment === null ? [] : [['comment', comment]]),
  ];
  const head = lines.map(([name, value]) => `${(name ?? '').padEnd(8)}  ${value}`).join('\n');
  const parts = { about: approval.subject, schema: approval.schema, data: approval.data };
  const shown = Object.entries(parts).filter(([name, value]) => name === 'about' || value !== null);
  return [head, ...shown.map(([name, value]) => `${name}\n${JSON.stringify(value, null, 2)}`)].join('\n\n');
}
