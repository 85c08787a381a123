import type { Candidate } from '../contracts/candidates.js';
import type { CallProgress } from '../contracts/later-answers.js';
import type { BrikkError } from '../contracts/errors.js';
import type { NewRunEvent } from '../contracts/events.js';
import type { DeadlockLink, Needs } from '../contracts/needs.js';
import type { AgentCall } from '../contracts/run-workflow.js';
import type { MadeChoice } from '../contracts/selection.js';
import type { BudgetRefused } from './budget-refused.js';
import { errorOf } from './call-terms.js';

type Call = Pick<AgentCall, 'key' | 'path'>;
type Asked = CallProgress['candidate'];

/** An attempt that takes a while. */
export const startedEvent = (call: Call, candidate: Candidate, attempt: number): NewRunEvent => ({
  key: `${call.key}/started/${attempt}`,
  type: 'call.started',
  data: { ...who(call, candidate), attempt },
});

/** A failed attempt that leads to another one. */
export const retriedEvent = (call: Call, candidate: Asked, attempt: number, error: BrikkError): NewRunEvent => ({
  key: `${call.key}/retried/${candidate.instanceId}/${attempt}`,
  type: 'call.retried',
  data: { ...who(call, candidate), attempt, error: errorOf(error) },
});

/** A second attempt beside the first. */
export const hedgedEvent = (call: Call, candidate: Candidate, attempt: number, afterMs: number): NewRunEvent => ({
  key: `${call.key}/hedged/${attempt}`,
  type: 'call.hedged',
  data: { ...who(call, candidate), attempt, afterMs },
});

/** An attempt that was not made; `sent` are those before it. */
export function refusedEvent(call: Call, candidate: Asked, sent: number, { refusal }: BudgetRefused): NewRunEvent {
  const { place, limit, estimate, left } = refusal;
  const { callKey, path, agent } = who(call, candidate);
  return {
    key: `${callKey}/refused/${sent}/${candidate.agentId}`,
    type: 'budget.refused',
    data: { callKey, path, place: `/${place}`, limit, estimate, left, agent },
  };
}

/** An agent that was chosen by what was learned of it. */
export const chosenEvent = (
  { key, path }: Call,
  { attempt, agentId, baseAgentId, propensities }: MadeChoice,
): NewRunEvent => ({
  key: `${key}/chosen/${attempt}`,
  type: 'decision',
  data: {
    what: 'agent',
    path,
    rule: 'learned',
    candidates: Object.keys(propensities),
    scores: { callKey: key, propensities, 'expected-completion': baseAgentId },
    chosen: agentId,
  },
});

/** A call that has to wait for what it needs. */
export const waitingEvent = (call: Call, needs: Needs, { ahead }: { ahead: number }): NewRunEvent => ({
  key: `${call.key}/waiting`,
  type: 'resource.waiting',
  data: { callKey: call.key, path: call.path, needs, ahead },
});

/** A call that has what it needs. */
export const grantedEvent = (call: Call, needs: Needs, { waitedMs }: { waitedMs: number }): NewRunEvent => ({
  key: `${call.key}/granted`,
  type: 'resource.granted',
  data: { callKey: call.key, path: call.path, needs, waitedMs: Math.round(waitedMs) },
});

/** One of the calls that waited in a circle was refused; the same event for all of their runs. */
export const deadlockEvent = (cycle: DeadlockLink[]): NewRunEvent => ({
  key: `deadlock/${cycle[0]?.leaseId}`,
  type: 'resource.deadlock',
  data: { refused: cycle[0]?.work ?? '', cycle },
});

/** An agent that has taken the call and answers later. */
export const pendingEvent = (
  call: Call,
  candidate: Asked,
  attempt: number,
  { taskId, endAt }: { taskId: string; endAt: number },
): NewRunEvent => ({
  key: `${call.key}/pending/${candidate.instanceId}/${attempt}`,
  type: 'call.pending',
  data: { ...who(call, candidate), attempt, taskId, dueAt: new Date(endAt).toISOString() },
});

export const who = ({ key, path }: Call, { agent, agentId, instanceId }: Asked) => ({
  callKey: key,
  path,
  agent,
  agentId,
  instanceId,
});
