import { itemsLeft, itemsLine } from './items-line.js';
import { tellHedge, tellPending } from './tell-care.js';
import { type Loose, namesOf, numberOf, recordOf, textOf } from './loose.js';
import { count, duration, list, money, shorten, unitsOf } from './words.js';

export interface ToldEvent {
  /** Empty when there is nothing to say. */
  text: string;
  path?: string;
  isTrouble?: boolean;
}

/** Shorter waits for resources are no part of the story. */
const TOLD_WAIT_MS = 1_000;

const ENDS: Record<string, string> = {
  completed: 'It completed',
  partial: 'It ended with gaps',
  failed: 'It failed',
  canceled: 'It was canceled',
  timed_out: 'Its time was over',
  budget_exceeded: 'It ended early',
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
      return {
        text:
          data.workflow === undefined
            ? `A run of the pattern ${textOf(data.pattern)}.`
            : `A run of the workflow ${textOf(data.workflow)}.`,
      };
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
    case 'event.dropped':
      return { text: `The event ${textOf(data.type)} was lost: too many waited.`, isTrouble: true };
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
    case 'step.retried':
      return { ...path, text: 'is tried again', isTrouble: true };
    case 'step.compensated':
      return data.outcome === 'completed'
        ? { ...path, text: 'undone' }
        : { ...path, text: 'could not be undone', isTrouble: true };
    case 'approval.opened':
    case 'approval.decided':
    case 'approval.expired':
      return { ...path, ...tellApproval(type, data) };
    case 'call.pending':
      return { path: typeof data.path === 'string' ? data.path : `/${textOf(data.callKey)}`, text: tellPending(data) };
    case 'call.hedged':
      return { path: typeof data.path === 'string' ? data.path : `/${textOf(data.callKey)}`, text: tellHedge(data) };
    case 'budget.refused':
      return {
        path: typeof data.path === 'string' ? data.path : `/${textOf(data.callKey)}`,
        ...tellBudget(type, data),
      };
    case 'resource.granted':
      return tellWait(data);
    case 'resource.deadlock':
      return {
        text: `waited in a circle of requests for resources; ${textOf(data.refused)} was refused`,
        isTrouble: true,
      };
    case 'budget.exceeded':
    case 'budget.raised':
      return { ...path, ...tellBudget(type, data) };
    default:
      return { text: '' };
  }
}

const STEP_ENDS: Record<string, string> = { failed: 'failed', partial: 'ended with gaps', canceled: 'was stopped' };

function tellWait({ path, callKey, needs, waitedMs }: Loose): ToldEvent {
  const waited = numberOf(waitedMs) ?? 0;
  if (waited < TOLD_WAIT_MS) return { text: '' };
  const text = `had to wait ${duration(waited)} for ${unitsOf(recordOf(needs))}`;
  return { path: typeof path === 'string' ? path : `/${textOf(callKey)}`, text };
}

function tellEnd({ status, terminationReason, error }: Loose, tookMs: number | undefined): ToldEvent {
  const took = tookMs === undefined ? '' : ` after ${duration(tookMs)}`;
  const head = `${ENDS[textOf(status)] ?? textOf(status)}${took}`;
  const isTrouble = status !== 'completed';
  // The budget's own event has said it.
  if (terminationReason === 'budget') return { text: `${head}.`, isTrouble };
  const reason = textOf(terminationReason);
  const why = reason === 'done' || reason === status ? '' : ` (${reason.replaceAll('_', ' ')})`;
  const { message } = recordOf(error);
  return { text: `${head}${why}${message ? `: ${textOf(message)}` : '.'}`, isTrouble };
}

function tellApproval(type: string, data: Loose): ToldEvent {
  const { question, assignees, by, decision, comment, outcome } = data;
  if (type === 'approval.opened') {
    const whom = list(namesOf(assignees));
    return { text: `waits for approval${whom ? ` by ${whom}` : ''}${question ? `: ${shorten(question)}` : ''}` };
  }
  if (type === 'approval.expired') {
    const further = outcome === 'escalate' ? ` to ${list(namesOf(assignees))}` : '';
    return { text: `nobody decided in time: ${textOf(outcome)}${further}`, isTrouble: true };
  }
  return {
    text: `${textOf(recordOf(by).name) || 'somebody'} decided: ${textOf(decision)}${comment ? `, ${shorten(comment)}` : ''}`,
  };
}

function tellBudget(type: string, { limit, estimate, left, place, agent, onExceeded, by }: Loose): ToldEvent {
  const name = LIMITS[textOf(limit)] ?? textOf(limit);
  if (type === 'budget.raised') return { text: `the budget of ${name} was raised by ${amount(limit, by)}` };
  if (type === 'budget.exceeded') {
    return {
      text: `the budget of ${name} is used up: ${NEXT[textOf(onExceeded)] ?? textOf(onExceeded)}`,
      isTrouble: true,
    };
  }
  const where = place === '/' || place === undefined ? 'of the run' : `of ${textOf(place)}`;
  const needs = `it may take ${amount(limit, estimate)}, and the budget ${where} has ${amount(limit, left)} left`;
  return { text: `a call${agent ? ` of ${textOf(agent)}` : ''} was not made: ${needs}`, isTrouble: true };
}

const NEXT: Record<string, string> = {
  stop: 'it stops with what is there',
  degrade: 'what is there is completed',
  approval: 'a person is asked for more',
};

const LIMITS: Record<string, string> = { costUsd: 'cost', wallClock: 'time' };

function amount(limit: unknown, value: unknown): string {
  const number = numberOf(value) ?? 0;
  if (limit === 'costUsd') return money(number);
  return limit === 'wallClock' ? duration(number) : count(number, textOf(limit).replace(/s$/, ''));
}
