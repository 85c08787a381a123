import { itemsLeft, itemsLine } from './items-line.js';
import { type Loose, namesOf, numberOf, recordOf, textOf } from './loose.js';
import { duration, list, money, shorten } from './words.js';

export interface ToldEvent {
  /** Empty when there is nothing to say. */
  text: string;
  path?: string;
  isTrouble?: boolean;
}

const ENDS: Record<string, string> = {
  completed: 'It completed',
  partial: 'It ended with gaps',
  failed: 'It failed',
  canceled: 'It was canceled',
  timed_out: 'Its time was over',
  budget_exceeded: 'Its budget was used up',
  rejected: 'It was rejected',
};

/** What happens to a whole run or step, in words; nothing for a type that is not known. */
export function tellRunEvent(
  type: string,
  data: Loose,
  { at, acceptedAt }: { at: string; acceptedAt?: string },
): ToldEvent {
  const path = typeof data.path === 'string' ? { path: data.path } : {};
  switch (type) {
    case 'run.accepted':
      return { text: `A run of the pattern ${textOf(data.pattern)}.` };
    case 'run.started':
      return { text: data.resumed === true ? 'It was taken up again.' : '' };
    case 'run.paused':
      return { text: 'It was paused.' };
    case 'run.resumed':
      return { text: 'It goes on.' };
    case 'run.cancel_requested':
      return { text: 'Somebody asked to cancel it.' };
    case 'run.signalled':
      return { text: `It was told ${textOf(data.name)}: ${shorten(data.data)}` };
    case 'run.finished':
      return tellEnd(data, acceptedAt === undefined ? undefined : Date.parse(at) - Date.parse(acceptedAt));
    case 'bulk.progress': {
      const counts = recordOf(data.counts);
      return { text: itemsLeft(counts) === 0 ? `${itemsLine(counts)}.` : '' };
    }
    case 'step.finished':
      return data.outcome === 'completed'
        ? { text: '' }
        : { ...path, text: STEP_ENDS[textOf(data.outcome)] ?? textOf(data.outcome), isTrouble: true };
    case 'step.skipped':
      return { ...path, text: 'skipped' };
    case 'step.compensated':
      return data.outcome === 'completed'
        ? { ...path, text: 'undone' }
        : { ...path, text: 'could not be undone', isTrouble: true };
    case 'approval.opened':
    case 'approval.decided':
    case 'approval.expired':
      return { ...path, ...tellApproval(type, data) };
    case 'budget.refused':
    case 'budget.exceeded':
      return { ...path, ...tellBudget(type, data) };
    default:
      return { text: '' };
  }
}

const STEP_ENDS: Record<string, string> = { failed: 'failed', partial: 'ended with gaps', canceled: 'was stopped' };

function tellEnd({ status, terminationReason, error }: Loose, tookMs: number | undefined): ToldEvent {
  const reason = textOf(terminationReason);
  const why = reason === 'done' || reason === status ? '' : ` (${reason.replaceAll('_', ' ')})`;
  const { message } = recordOf(error);
  const took = tookMs === undefined ? '' : ` after ${duration(tookMs)}`;
  return {
    text: `${ENDS[textOf(status)] ?? textOf(status)}${took}${why}${message ? `: ${textOf(message)}` : '.'}`,
    isTrouble: status !== 'completed',
  };
}

function tellApproval(type: string, data: Loose): ToldEvent {
  const { question, assignees, by, decision, comment, outcome } = data;
  if (type === 'approval.opened') {
    const whom = list(namesOf(assignees));
    return { text: `waits for approval${whom ? ` by ${whom}` : ''}${question ? `: ${shorten(question)}` : ''}` };
  }
  if (type === 'approval.expired') return { text: `nobody decided in time: ${textOf(outcome)}`, isTrouble: true };
  return { text: `${textOf(by) || 'somebody'} decided: ${textOf(decision)}${comment ? `, ${shorten(comment)}` : ''}` };
}

function tellBudget(type: string, data: Loose): ToldEvent {
  const limit = textOf(data.limit);
  if (type === 'budget.exceeded') return { text: `the budget is used up: ${limit}`, isTrouble: true };
  const [estimate, left] = [numberOf(data.estimate), numberOf(data.left)].map((amount = 0) =>
    limit === 'costUsd' ? money(amount) : String(amount),
  );
  return { text: `a call did not fit the budget: it may take ${estimate} ${limit}, ${left} left`, isTrouble: true };
}
