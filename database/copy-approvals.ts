import type { EventData, NewRunEvent } from '../contracts/events.js';
import type { JournalCopy } from './copy-journal.js';
import type { Tx } from './database.js';
import type { ApprovalRow } from './entities/approval.entity.js';
import { uuidv7 } from './uuid.js';
import { writeRunRecords } from './write-run-records.js';

type Decided = Pick<
  ApprovalRow,
  | 'id'
  | 'orgId'
  | 'key'
  | 'path'
  | 'kind'
  | 'question'
  | 'assignees'
  | 'openedAt'
  | 'dueAt'
  | 'decision'
  | 'decidedBy'
  | 'comment'
>;

/**
 * Gives a rerun what was decided about the work that it keeps, so that nobody is asked again: by persons, and by time in
 * their stead. What was allowed of a budget is not kept: the rerun has a ledger of its own. Answers how many.
 */
export async function copyApprovals(tx: Tx, { fromRunId, toRunId, keys }: JournalCopy): Promise<number> {
  const rows = await tx<Decided>(
    `SELECT id, org_id AS "orgId", key, path, kind, question, assignees, opened_at AS "openedAt", due_at AS "dueAt", decision,
       decided_by AS "decidedBy", comment
     FROM approval WHERE run_id = $1 AND decision IS NOT NULL AND kind <> 'budget' ORDER BY id`,
    [fromRunId],
  );
  let copied = 0;
  for (const row of rows.filter(({ key, path, openedAt }) => keys(key, path, openedAt))) {
    const id = uuidv7();
    const written = await tx(
      `INSERT INTO approval (id, org_id, run_id, key, path, kind, question, subject, subject_ref, schema, assignees, level,
         status, on_timeout, decision, data, data_ref, comment, decided_by, opened_at, due_at, closed_at)
       SELECT $2, org_id, $3, key, path, kind, question, subject, subject_ref, schema, assignees, level, status,
         on_timeout, decision, data, data_ref, comment, decided_by, opened_at, due_at, closed_at
       FROM approval WHERE id = $1 ON CONFLICT (run_id, key) DO NOTHING RETURNING 1`,
      [row.id, id, toRunId],
    );
    if (written.length === 0) continue;
    const events = eventsOf(row, id).map((event) => ({ runId: toRunId, event }));
    await writeRunRecords(tx, row.orgId, events);
    copied += 1;
  }
  return copied;
}

function eventsOf({ key, path, kind, question, assignees, dueAt, ...end }: Decided, approvalId: string): NewRunEvent[] {
  const opened: EventData['approval.opened'] = {
    approvalId,
    path,
    kind,
    question,
    assignees,
    dueAt: dueAt.toISOString(),
  };
  return [{ key: `${key}/opened`, type: 'approval.opened', data: opened }, endOf(end, key, { approvalId, path })];
}

function endOf(
  { decision, decidedBy, comment }: Pick<Decided, 'decision' | 'decidedBy' | 'comment'>,
  key: string,
  about: { approvalId: string; path: string },
): NewRunEvent {
  if (decision === null || decidedBy === null) {
    const outcome = decision === 'approve' ? 'approve' : 'reject';
    return { key: `${key}/expired`, type: 'approval.expired', data: { ...about, outcome } };
  }
  const data = { ...about, decision, by: decidedBy, ...(comment === null ? {} : { comment }) };
  return { key: `${key}/decided`, type: 'approval.decided', data };
}
