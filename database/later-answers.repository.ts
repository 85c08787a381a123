import { BrikkError } from '../contracts/errors.js';
import type { AnsweredAttempt, LaterAnswer, LaterReceipt } from '../contracts/later-answers.js';
import { contentHash } from './canonical-json.js';
import type { Tx } from './database.js';
import { requestAnswer } from './steering.repository.js';

interface Known {
  attempt: number;
  instanceId: string;
  sentAt: Date;
  answerHash: string | null;
}

/**
 * Keeps an agent's answer for the call that waits for it, with what the workflow is to be told, in the caller's
 * transaction. The first answer stands: the same one again is a duplicate. Fails `call.answered` for another one,
 * `call.closed` when nobody waits for it, `call.not_found` and `run.finished`.
 */
export async function takeLaterAnswer(tx: Tx, of: AnsweredAttempt, body: LaterAnswer): Promise<LaterReceipt> {
  const { orgId, runId, callKey, attempt, instanceId, sentAt } = of;
  await lockAnswered(tx, runId);
  const hash = contentHash(body);
  const known = await findKnown(tx, runId, callKey);
  // A worker that died may have sent the same attempt again, later.
  const isSame = known?.attempt === attempt && known.instanceId === instanceId;
  const isWaitedFor = isSame && sentAt <= known.sentAt.getTime();
  if (isWaitedFor && known.answerHash === hash) return { duplicate: true };
  if (isWaitedFor && known.answerHash === SILENCE) throw closed('its agent was silent for too long');
  if (isWaitedFor && known.answerHash !== null)
    throw new BrikkError('call.answered', 'The call was answered before, and otherwise');
  if (known && !isWaitedFor && known.sentAt.getTime() >= sentAt) throw closed('another attempt was made meanwhile');
  if (await isFinished(tx, runId, callKey)) throw closed('it is over');
  await requestAnswer(tx, runId, { key: callKey });
  // Of a later attempt than the one that is known: its worker is about to note that it waits.
  await tx(
    `INSERT INTO pending_call AS p (run_id, call_key, org_id, attempt, instance_id, sent_at, answer, answer_hash, answered_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp())
     ON CONFLICT (run_id, call_key) DO UPDATE SET attempt = $4, instance_id = $5, answer = $7, answer_hash = $8,
       answered_at = clock_timestamp(), silent_at = NULL, sent_at = CASE WHEN ${SAME} THEN p.sent_at ELSE $6 END,
       progress = CASE WHEN ${SAME} THEN p.progress END`,
    [runId, callKey, orgId, attempt, instanceId, new Date(sentAt), JSON.stringify(body), hash],
  );
  return { duplicate: false };
}

const SAME = 'p.attempt = $4 AND p.instance_id = $5::uuid AND p.sent_at >= $6';

async function findKnown(tx: Tx, runId: string, callKey: string): Promise<Known | undefined> {
  const [known] = await tx<Known>(
    `SELECT attempt, instance_id AS "instanceId", sent_at AS "sentAt", answer_hash AS "answerHash" FROM pending_call
     WHERE run_id = $1 AND call_key = $2`,
    [runId, callKey],
  );
  return known;
}

/** One lock order: whoever opens, journals, answers or ends locks the run first. Fails `call.not_found`. */
export async function lockAnswered(tx: Tx, runId: string): Promise<void> {
  const [run] = await tx('SELECT 1 AS there FROM run WHERE id = $1 FOR UPDATE', [runId]);
  if (!run) throw new BrikkError('call.not_found', 'There is no call that this URL answers');
}

/** The call has its entry in the journal. */
export async function isFinished(tx: Tx, runId: string, callKey: string): Promise<boolean> {
  const there = await tx('SELECT FROM call_journal WHERE run_id = $1 AND call_key = $2', [runId, callKey]);
  return there.length > 0;
}

/** In place of the hash of an answer. */
export const SILENCE = 'silence';

export const closed = (why: string) => new BrikkError('call.closed', `The call waits for no answer: ${why}`);
