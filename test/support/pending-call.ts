import type { NewRunEvent } from '../../contracts/events.js';
import type { CallProgress } from '../../contracts/later-answers.js';
import { CallbackKeys } from '../../database/callback-keys.js';
import { joinConsolidated } from '../../database/consolidated-calls.js';
import type { Database } from '../../database/database.js';
import { keepTurn } from '../../database/llm-agents.repository.js';
import { openPendingCall } from '../../database/pending-calls.js';
import { uuidv7 } from '../../database/uuid.js';
import { keyless } from './vaults.js';

/** A call whose agent has said that it answers later. */
export function pendingCall(key: string, change: Partial<CallProgress> = {}) {
  const at = Date.now();
  const progress: CallProgress = {
    path: `/${key}`,
    startedAt: at,
    firstSentAt: at,
    sentAt: at,
    endAt: at + 60_000,
    attempt: 1,
    sent: 1,
    counted: 0,
    rounds: 0,
    tried: [],
    refusedBy: [],
    hasReserved: false,
    candidate: {
      agentId: uuidv7(),
      agent: 'slow',
      version: '1.0.0',
      instanceId: uuidv7(),
      capability: 'slow',
      costUsd: null,
    },
    ...change,
  };
  const { agent, agentId, instanceId } = progress.candidate;
  const dueAt = new Date(progress.endAt).toISOString();
  const event: NewRunEvent = {
    key: `${key}/pending/${instanceId}/${progress.attempt}`,
    type: 'call.pending',
    data: {
      callKey: key,
      path: progress.path,
      agent,
      agentId,
      instanceId,
      attempt: progress.attempt,
      taskId: 't',
      dueAt,
    },
  };
  return { key, progress, event };
}

/**
 * Calls of the run that are under way: one is answered later, by a signed URL, another's model has asked for tools, and
 * one is sent for its equals.
 */
export async function openedCall(database: Database, orgId: string, runId: string): Promise<void> {
  await new CallbackKeys(database, keyless).make(orgId);
  await openPendingCall(database, { orgId, runId }, pendingCall('later'));
  const place = { orgId, runId, callKey: 'model', agentId: uuidv7() };
  await database.inOrg(orgId, (tx) => keepTurn(tx, place, 1, { messages: [], calls: [], usage: {} }));
  const equal = { runId, callKey: 'equal', fingerprint: 'f', windowMs: 1_000 };
  await database.inOrg(orgId, (tx) => joinConsolidated(tx, orgId, equal));
}
