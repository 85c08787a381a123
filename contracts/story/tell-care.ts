import { type Loose, namesOf, numberOf, recordOf, textOf } from './loose.js';
import { duration, list } from './words.js';

/** Who or what stands in for a task that failed; why it failed has been told. */
export function tellFallback({ chosen }: Loose): string {
  const { capability, agent } = recordOf(chosen);
  if (chosen === 'value') return 'fallback: a value stands in';
  if (chosen === 'a person') return 'fallback: a person is asked';
  return `fallback: ${agent === undefined ? `somebody with capability ${textOf(capability)}` : textOf(agent)} stands in`;
}

const NEXT: Record<string, string> = { retry: 'it goes back', approval: 'a person is asked' };

/** An output that did not pass, and what becomes of it. */
export function tellGate({ rule, scores, chosen }: Loose): string {
  const reasons = list(namesOf(scores));
  const next = NEXT[textOf(chosen)] ?? 'the task has failed';
  return `${textOf(rule)} is not passed${reasons ? `: ${reasons}` : ''}; ${next}`;
}

export const tellHedge = ({ agent, afterMs }: Loose): string =>
  `no answer within ${duration(numberOf(afterMs) ?? 0)}: ${textOf(agent) || 'another'} is asked as well`;

export const tellPending = ({ agent, taskId, dueAt }: Loose): string =>
  `${textOf(agent)} has taken it as ${textOf(taskId)} and answers later, until ${textOf(dueAt)}`;
