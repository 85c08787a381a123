import type { EventData, RunEvent } from '../../../contracts/events.js';
import { duration, shorten, unitsOf } from '../../../contracts/story/words.js';
import { itemsLine } from '../../../contracts/story/items-line.js';

/** One event as one line: time, type, and what a reader wants to know of it. */
export function eventLine(event: RunEvent): string {
  return `${event.at.slice(11, 23)}  ${event.type.padEnd(20)}  ${describe(event)}`.trimEnd();
}

function describe({ type, data }: RunEvent): string {
  switch (type) {
    case 'run.accepted':
      return data.workflow ?? data.pattern;
    case 'run.started':
      return data.resumed ? 'resumed' : '';
    case 'run.signalled':
      return data.name;
    case 'run.finished':
      return `${data.status} (${data.terminationReason})${data.error ? `: ${data.error.message}` : ''}`;
    case 'step.started':
      return data.path;
    case 'step.finished':
      return `${data.path} ${data.outcome}${data.error ? `: ${data.error.detail ?? data.error.title}` : ''}`;
    case 'step.compensated':
      return `${data.path} ${data.outcome}`;
    case 'step.skipped':
      return `${data.path}: ${data.reason}`;
    case 'step.retried':
      return `${data.path}: retry ${data.retry} after ${data.error}`;
    case 'correlation.started':
      return `${data.path} waits for events`;
    case 'correlation.completed':
      return `${data.path} has them${Object.keys(data.keys).length === 0 ? '' : `: ${shorten(data.keys)}`}`;
    case 'call.started':
      return `${data.callKey} → ${data.agent ?? '?'} (attempt ${data.attempt})`;
    case 'call.pending':
      return `${data.callKey}: ${data.agent ?? '?'} answers later (task ${shorten(data.taskId)}, until ${data.dueAt})`;
    case 'call.progress':
      return `${data.callKey}: ${progress(data)}`;
    case 'call.hedged':
      return `${data.callKey} → ${data.agent ?? '?'} as well, no answer after ${duration(data.afterMs)}`;
    case 'call.retried':
      return `${data.callKey}: ${data.agent ?? 'no agent'} failed, ${data.error.message}`;
    case 'call.finished': {
      const attempts = data.attempts > 1 ? ` after ${data.attempts} attempts` : '';
      const reason = data.error ? `: ${data.error.message}` : '';
      return `${data.callKey} ← ${data.agent ?? 'nobody'} ${data.status} in ${duration(data.execMs)}${attempts}${reason}`;
    }
    case 'decision':
      return `${data.what} by ${data.rule}${data.chosen === undefined ? '' : `: ${shorten(data.chosen)}`}`;
    case 'market.settled':
      return `${data.agent} ${data.outcome}: ${settled(data)}`;
    case 'budget.refused':
      return `${data.callKey} was not made: it may take ${data.estimate} ${data.limit}, and ${data.place} has ${data.left} left`;
    case 'budget.exceeded':
      return `${data.path}: ${data.limit}, ${data.onExceeded}`;
    case 'budget.raised':
      return `${data.path}: ${data.limit} by ${data.by}`;
    case 'bulk.progress':
      return itemsLine(data.counts);
    case 'approval.opened':
      return `${data.path}: ${shorten(data.question)} (${data.approvalId})`;
    case 'approval.decided':
      return `${data.path}: ${data.decision} by ${data.by.name}${data.comment ? `: ${shorten(data.comment)}` : ''}`;
    case 'approval.expired': {
      const further = data.assignees ? ` to ${data.assignees.join(', ')}` : '';
      return `${data.path}: nobody decided in time: ${data.outcome}${further}`;
    }
    case 'resource.waiting':
      return `${data.callKey} waits for ${unitsOf(data.needs)}, ${data.ahead} before it`;
    case 'resource.granted':
      return `${data.callKey} has ${unitsOf(data.needs)} after ${duration(data.waitedMs)}`;
    case 'resource.deadlock': {
      const circle = data.cycle.map(({ work, resource }) => `${work} waits for ${resource}`);
      return `${circle.join(', ')}, in a circle: ${data.refused} is refused`;
    }
    case 'event.emitted':
    case 'event.heard':
      return `${data.path}: ${data.type} from ${data.source}`;
    case 'event.dropped':
      return `${data.type} from ${data.source}: too many events waited`;
    case 'run.child_started':
      return `${data.path}: ${data.workflow} as run ${data.runId}`;
    case 'payload.stored':
      return `${data.bytes} bytes as ${data.ref}`;
    case 'run.pause_requested':
    case 'run.paused':
    case 'run.waiting':
    case 'run.resumed':
    case 'run.cancel_requested':
      return '';
  }
}

function settled({ priceUsd, promised, real }: EventData['market.settled']): string {
  const cost = real.costUsd === null ? 'cost not reported' : `cost ${real.costUsd}`;
  return `paid ${priceUsd}, ${cost}, took ${duration(real.elapsedMs)} of ${duration(promised.etaMs)}`;
}

function progress({ fraction, message, data, text }: EventData['call.progress']): string {
  const said = [
    fraction === undefined ? undefined : `${Math.round(fraction * 100)} %`,
    message === undefined ? undefined : shorten(message),
    data === undefined ? undefined : shorten(data),
    text === undefined ? undefined : shorten(text),
  ];
  return said.filter((part) => part !== undefined).join(', ');
}
