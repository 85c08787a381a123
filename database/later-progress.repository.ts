import { mergeProgress, type ToldProgress } from '../contracts/agent-progress.js';
import type { AnsweredAttempt, CallProgress, ProgressReceipt } from '../contracts/later-answers.js';
import { gapAfter, progressEvent } from '../contracts/progress-event.js';
import type { Tx } from './database.js';
import { closed, isFinished, lockAnswered } from './later-answers.repository.js';
import { lockOpen } from './steering.repository.js';
import { writeRunRecords } from './write-run-records.js';

interface Waiting {
  attempt: number;
  instanceId: string;
  sentAt: Date;
  progress: CallProgress | null;
  isAnswered: boolean;
  told: number;
  toldAt: Date | null;
  untold: ToldProgress | null;
  now: Date;
}

/**
 * What an agent says of a call that it answers later: its silence begins anew, and the run tells it, seldom enough; what is
 * not told goes with the next. Fails `call.closed` when nobody waits for this attempt, `call.not_found` and `run.finished`.
 */
export async function takeLaterProgress(tx: Tx, of: AnsweredAttempt, said: ToldProgress): Promise<ProgressReceipt> {
  const { orgId, runId, callKey, sentAt } = of;
  await lockAnswered(tx, runId);
  await lockOpen(tx, runId);
  const waiting = await findWaiting(tx, runId, callKey);
  // Its worker is about to note that it waits: nobody is silent yet.
  if (!waiting?.progress || waiting.sentAt.getTime() < sentAt) return { silentAt: null };
  if (waiting.attempt !== of.attempt || waiting.instanceId !== of.instanceId)
    throw closed('another attempt was made meanwhile');
  if (waiting.isAnswered) throw closed('it was answered');
  if (await isFinished(tx, runId, callKey)) throw closed('it is over');
  const untold = mergeProgress(waiting.untold ?? {}, said);
  const tells = Object.keys(untold).length > 0 && isTime(waiting);
  if (tells) {
    const { path, candidate, attempt } = waiting.progress;
    const { agent, agentId, instanceId } = candidate;
    const told = { callKey, path, agent, agentId, instanceId, attempt };
    const place = { sentAt: waiting.sentAt.getTime(), number: waiting.told + 1 };
    await writeRunRecords(tx, orgId, [{ runId, event: progressEvent(told, place, untold) }]);
  }
  const [row] = await tx<{ silentAt: Date | null }>(
    `UPDATE pending_call SET silent_at = clock_timestamp() + idle_ms * interval '1 ms', untold = $3,
       told = told + $4, told_at = CASE WHEN $4 = 1 THEN clock_timestamp() ELSE told_at END
     WHERE run_id = $1 AND call_key = $2 RETURNING silent_at AS "silentAt"`,
    [runId, callKey, tells ? null : JSON.stringify(untold), tells ? 1 : 0],
  );
  return { silentAt: row?.silentAt?.toISOString() ?? null };
}

async function findWaiting(tx: Tx, runId: string, callKey: string): Promise<Waiting | undefined> {
  const [waiting] = await tx<Waiting>(
    `SELECT attempt, instance_id AS "instanceId", sent_at AS "sentAt", progress, answered_at IS NOT NULL AS "isAnswered",
       told, told_at AS "toldAt", untold, clock_timestamp() AS now
     FROM pending_call WHERE run_id = $1 AND call_key = $2`,
    [runId, callKey],
  );
  return waiting;
}

const isTime = ({ sentAt, toldAt, now }: Waiting): boolean =>
  toldAt === null || now.getTime() - toldAt.getTime() >= gapAfter(now.getTime() - sentAt.getTime());
