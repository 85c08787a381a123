import type { EventData } from '../contracts/events.js';
import type { Json } from '../contracts/json.js';
import type { ApprovalActivities, ApprovalClosing, ApprovalState } from '../contracts/approval-activities.js';
import type { Value } from '../contracts/values.js';
import type { Database, Tx } from './database.js';
import type { ApprovalRow } from './entities/approval.entity.js';
import { keepValue } from './keep-value.js';
import { describePayload } from './payloads.repository.js';
import { uuidv7 } from './uuid.js';
import { writeRunRecords } from './write-run-records.js';

type Opening = Parameters<ApprovalActivities['openApproval']>[0];
type Closing = Parameters<ApprovalActivities['closeApproval']>[0];

/** Opens an approval with its event, or finds the one of this key. In an ended run nothing is asked any more. */
export async function openApproval(database: Database, { orgId, runId, approval }: Opening): Promise<ApprovalState> {
  const { key, path, kind, question, assignees, onTimeout } = approval;
  const subject = await keepValue(database, { orgId, runId }, approval.subject);
  const dueAt = new Date(approval.dueAt);
  return database.inOrg(orgId, async (tx) => {
    const known = await lockApproval(tx, runId, key);
    if (known) return stateOf(tx, known);
    const id = uuidv7();
    const opened: EventData['approval.opened'] = {
      approvalId: id,
      path,
      kind,
      question,
      assignees,
      dueAt: dueAt.toISOString(),
    };
    const { outcomes } = await writeRunRecords(tx, orgId, [
      { runId, event: { key: `${key}/opened`, type: 'approval.opened', data: opened } },
    ]);
    if (outcomes[0] !== 'written') return { status: 'withdrawn' };
    await tx(
      `INSERT INTO approval (id, org_id, run_id, key, path, kind, question, subject, subject_ref, schema, assignees,
         on_timeout, due_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        id,
        orgId,
        runId,
        key,
        path,
        kind,
        question,
        'json' in subject ? subject.json : null,
        'ref' in subject ? subject.ref : null,
        approval.schema === undefined ? null : JSON.stringify(approval.schema),
        assignees,
        onTimeout,
        dueAt,
      ],
    );
    return { status: 'pending' };
  });
}

/**
 * Ends a pending approval, or hands it to further assignees, with its event. One that was decided before stays as it was
 * decided, and the answer says so.
 */
export async function closeApproval(database: Database, { orgId, runId, key, closing }: Closing) {
  return database.inOrg(orgId, async (tx): Promise<ApprovalState> => {
    const row = await lockApproval(tx, runId, key);
    if (!row) return { status: 'withdrawn' };
    if (row.status !== 'pending') return stateOf(tx, row);
    const data = await change(tx, row, closing);
    if (data) {
      const event = { key: `${key}/expired/${row.level}`, type: 'approval.expired' as const, data };
      await writeRunRecords(tx, orgId, [{ runId, event }]);
    }
    return stateOf(tx, (await lockApproval(tx, runId, key)) ?? row);
  });
}

/** What the run's stream says of it; nothing of work that was given up, nor of a repeated escalation. */
async function change(
  tx: Tx,
  { id, path, level }: ApprovalRow,
  closing: ApprovalClosing,
): Promise<EventData['approval.expired'] | undefined> {
  switch (closing.kind) {
    case 'withdraw':
      await tx(`UPDATE approval SET status = 'withdrawn', closed_at = clock_timestamp() WHERE id = $1`, [id]);
      return undefined;
    case 'expire':
      await tx(`UPDATE approval SET status = 'expired', decision = $2, closed_at = clock_timestamp() WHERE id = $1`, [
        id,
        closing.outcome,
      ]);
      return { approvalId: id, path, outcome: closing.outcome };
    case 'escalate': {
      if (level >= closing.level) return undefined;
      const { assignees, onTimeout } = closing;
      const dueAt = new Date(closing.dueAt);
      await tx('UPDATE approval SET level = $2, assignees = $3, on_timeout = $4, due_at = $5 WHERE id = $1', [
        id,
        closing.level,
        assignees,
        onTimeout,
        dueAt,
      ]);
      return { approvalId: id, path, outcome: 'escalate', assignees, dueAt: dueAt.toISOString() };
    }
  }
}

/** The run is locked first, as by whoever decides or ends it: one lock order. */
async function lockApproval(tx: Tx, runId: string, key: string): Promise<ApprovalRow | undefined> {
  await tx('SELECT FROM run WHERE id = $1 FOR UPDATE', [runId]);
  const [row] = await tx<ApprovalRow>(
    `SELECT id, path, key, level, status, decision, data, data_ref AS "dataRef", comment, decided_by AS "decidedBy"
     FROM approval WHERE run_id = $1 AND key = $2`,
    [runId, key],
  );
  return row;
}

async function stateOf(
  tx: Tx,
  { key, status, decision, data, dataRef, comment, decidedBy }: ApprovalRow,
): Promise<ApprovalState> {
  if (decision === null) return { status };
  const answer = (): Value | Promise<Value> =>
    dataRef === null ? { inline: (data ?? null) as Json } : describePayload(tx, dataRef);
  return {
    status,
    verdict: {
      key,
      decision,
      by: decidedBy?.name ?? null,
      ...(decision === 'answer' && { data: await answer() }),
      ...(comment !== null && { comment }),
    },
  };
}
