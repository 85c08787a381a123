import type { ApprovalKind, ApprovalTerms } from '../../contracts/approvals.js';
import type { Json } from '../../contracts/json.js';
import type { GateQuestion } from './approval-gate.js';
import type { Question, Ruling } from './approvals.js';
import type { PatternContext } from './pattern-context.js';
import { plain } from './values.js';

/** Characters of a question; what is longer belongs into what is to be approved. */
const MAX_QUESTION = 4_096;

/** Puts a question about the place of `ctx` to the persons of `terms`. */
export async function askPerson(
  ctx: PatternContext,
  terms: ApprovalTerms,
  { kind, subject, number, words, failure }: GateQuestion,
  ask: (question: Question) => Promise<Ruling>,
): Promise<Ruling> {
  const { assignees = [], dueMs, onTimeout, escalateTo = [] } = terms;
  const path = ctx.where;
  const given =
    words ??
    (terms.question === undefined ? usualQuestion(kind, path, failure) : await ctx.input(terms.question, subject, {}));
  const text = typeof given === 'string' ? given : textOf(plain(given));
  ctx.describe(`waits for a person: ${kind} ${path}`);
  return ask({
    key: ['approvals', ctx.path, kind, number].filter((part) => part !== undefined && part !== '').join('/'),
    path,
    kind,
    question: text.slice(0, MAX_QUESTION),
    subject,
    ...(terms.schema === undefined ? {} : { schema: terms.schema }),
    stages: [{ assignees, dueMs }, ...escalateTo],
    atLast: onTimeout === 'approve' ? 'approve' : 'reject',
  });
}

function usualQuestion(kind: ApprovalKind, path: string, failure = 'no reason given'): string {
  const what = path === '/' ? 'The call' : path;
  switch (kind) {
    case 'before':
      return `${what} is about to be done. May it?`;
    case 'after':
      return `${what} is done. Is its output good?`;
    case 'failure':
      return `${what} failed: ${failure}. Approve to try again, answer in its stead, or reject.`;
    case 'tie':
      return 'The votes are tied. Answer with the choice that stands.';
    case 'budget':
      return `${path === '/' ? 'The run' : what} needs more: ${failure}. Approve to add as much again, answer with how much, or reject to stop.`;
    case 'question':
      return `The agent of ${what} has a question.`;
    case 'plan':
      return 'May this plan be carried out?';
  }
}

/** Undefined stands for a value that is too large to be carried: it is no question. */
function textOf(value: Json | undefined): string {
  if (value === undefined) return 'The question is too large to be shown.';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
