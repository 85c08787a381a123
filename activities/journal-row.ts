import type { CallProgress } from '../contracts/later-answers.js';
import type { AgentCall, FinishedCall } from '../contracts/run-workflow.js';
import type { JournalRow } from './dependencies.js';

export type CallEnd = Pick<FinishedCall, 'status' | 'output' | 'error' | 'confidence' | 'degraded' | 'usage'>;

interface Course {
  /** Milliseconds since the epoch, as `sentAt` is, which is missing when the call was never sent. */
  startedAt: number;
  sentAt: number | undefined;
  attempts: number;
  hasReserved: boolean | undefined;
}

/** A call that ends now, as the journal keeps it. `by`: the agent that was asked last. */
export function journalRow(
  call: Pick<AgentCall, 'key' | 'path' | 'role' | 'round'> & { target: { capability?: string } },
  end: CallEnd,
  by: CallProgress['candidate'] | undefined,
  course: Course,
): JournalRow {
  const now = Date.now();
  const { startedAt, sentAt = now, attempts, hasReserved } = course;
  // One literal, since what is spread is added property by property, which a thousand calls feel.
  return {
    key: call.key,
    path: call.path,
    role: call.role,
    round: call.round,
    capability: end.status === 'failed' ? call.target.capability : undefined,
    status: end.status,
    output: end.output,
    error: end.error,
    confidence: end.confidence,
    degraded: end.degraded,
    usage: end.usage,
    agentId: by?.agentId ?? null,
    agent: by?.agent ?? null,
    version: by?.version ?? null,
    instanceId: by?.instanceId ?? null,
    attempts,
    queueMs: sentAt - startedAt,
    execMs: now - sentAt,
    startedAt: new Date(startedAt),
    hasReserved,
  };
}
