import type { Candidate } from '../contracts/candidates.js';
import type { AnswersLater, CallProgress, WaitingCall } from '../contracts/later-answers.js';
import { pendingEvent } from './call-events.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import { whileUnavailable } from './while-unavailable.js';

/** The agent has taken the call: on record, with how far the call has come, before anybody waits. */
export function openPending(
  room: CallRoom,
  { batch, call, signal }: CallTerms,
  asked: Candidate,
  { taskId }: AnswersLater,
  made: Omit<CallProgress, 'path' | 'role' | 'round' | 'candidate' | 'idleMs'>,
): Promise<WaitingCall> {
  const { agentId, agent, version, instanceId, capability, costUsd, outputSchema, degraded } = asked;
  const candidate = { agentId, agent, version, instanceId, capability, costUsd, outputSchema, degraded };
  const { key, path, role, round } = call;
  const { idleMs } = call.timeout;
  const progress: CallProgress = { path, role, round, candidate, idleMs, ...made };
  const event = pendingEvent(call, candidate, made.attempt, { taskId, endAt: made.endAt });
  return whileUnavailable(signal, () => room.pending.open(batch, { key, progress, event }));
}
