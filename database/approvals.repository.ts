import type { Approval, ApprovalSummary, DecideApproval, ListApprovals } from '../contracts/approvals.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import { CLAIM_CHECK_BYTES, type Value } from '../contracts/values.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import type { ApprovalRow } from './entities/approval.entity.js';
import { materialise, storePayload } from './payloads.repository.js';
import { requestVerdict } from './steering.repository.js';
import { isUuid } from './uuid.js';
import { writeRunRecords } from './write-run-records.js';

const SUMMARY_COLUMNS = `id, run_id AS "runId", path, kind, question, assignees, level, status, on_timeout AS "onTimeout",
  decision, comment, decided_by AS "decidedBy", opened_at AS "openedAt", due_at AS "dueAt", closed_at AS "closedAt"`;
const DETAIL_COLUMNS = `${SUMMARY_COLUMNS}, org_id AS "orgId", key, subject, subject_ref AS "subjectRef", schema, data,
  data_ref AS "dataRef"`;

type SummaryRow = Omit<ApprovalRow, 'orgId' | 'key' | 'subject' | 'subjectRef' | 'schema' | 'data' | 'dataRef'>;

/** The newest first; `assignee` finds those that name it. */
export async function listApprovals(tx: Tx, filter: ListApprovals): Promise<Page<ApprovalSummary>> {
  const { status, assignee, run, limit, cursor } = filter;
  const values: unknown[] = [limit + 1];
  const conditions = ['true'];
  const where = (condition: string, value: unknown) => {
    values.push(value);
    conditions.push(`${condition} $${values.length}`);
  };
  // Written out: the index of the pending ones is not found by a parameter.
  if (status === 'pending') conditions.push(`status = 'pending'`);
  else if (status !== undefined) where('status =', status);
  if (assignee !== undefined) where('assignees @>', [assignee]);
  if (run !== undefined) where('run_id =', run);
  if (cursor !== undefined) where('id <', decodeCursor(cursor, isUuid));
  const rows = await tx<SummaryRow>(
    `SELECT ${SUMMARY_COLUMNS} FROM approval WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT $1`,
    values,
  );
  return toPage(rows, limit, ({ id }) => id, summarise);
}

/** With what is to be approved. Fails `approval.not_found`. */
export async function loadApproval(tx: Tx, id: string): Promise<Approval> {
  const row = await findApproval(tx, id);
  return {
    ...summarise(row),
    subject: await valueOf(tx, row.subject, row.subjectRef),
    schema: (row.schema ?? null) as Json,
    data: await valueOf(tx, row.data, row.dataRef),
  };
}

export interface Decider {
  /** The API key. */
  id: string;
  name: string;
}

const STATUS_OF = { approve: 'approved', reject: 'rejected', answer: 'answered' } as const;

/**
 * A person decides a pending approval: the row, the run's event and what the workflow is to be told, in the caller's
 * transaction. Who comes second fails `approval.closed`. Fails `approval.not_found`, and `run.finished` for a run that
 * is just ending.
 */
export async function decideApproval(
  tx: Tx,
  id: string,
  { decision, data, comment }: DecideApproval,
  by: Decider,
): Promise<Approval> {
  const row = await findApproval(tx, id);
  if (row.status !== 'pending') throw closed(row);
  const { orgId, runId, key, path } = row;
  const kept = data === undefined ? undefined : await keep(tx, runId, data);
  await requestVerdict(tx, runId, {
    key,
    decision,
    by: by.name,
    ...(kept && { data: kept }),
    ...(comment === undefined ? {} : { comment }),
  });
  // The run is locked now, as it is for whoever expires or withdraws: one of them is first.
  const won = await tx(
    `UPDATE approval SET status = $2, decision = $3, data = $4, data_ref = $5, comment = $6, decided_by = $7,
       closed_at = clock_timestamp() WHERE id = $1 AND status = 'pending' RETURNING 1`,
    [
      id,
      STATUS_OF[decision],
      decision,
      kept && 'inline' in kept ? JSON.stringify(kept.inline) : null,
      kept && 'ref' in kept ? kept.ref : null,
      comment ?? null,
      JSON.stringify(by),
    ],
  );
  if (won.length === 0) throw closed(await findApproval(tx, id));
  const told = { approvalId: id, path, decision, by, ...(comment === undefined ? {} : { comment }) };
  await writeRunRecords(tx, orgId, [{ runId, event: { key: `${key}/decided`, type: 'approval.decided', data: told } }]);
  return loadApproval(tx, id);
}

async function findApproval(tx: Tx, id: string): Promise<ApprovalRow> {
  const [row] = isUuid(id) ? await tx<ApprovalRow>(`SELECT ${DETAIL_COLUMNS} FROM approval WHERE id = $1`, [id]) : [];
  if (!row) throw new BrikkError('approval.not_found', `There is no approval ${id}`);
  return row;
}

function closed({ id, status, decidedBy, closedAt }: ApprovalRow): BrikkError {
  const who = decidedBy === null ? '' : ` by ${decidedBy.name}`;
  return new BrikkError('approval.closed', `Approval ${id} was ${status}${who} at ${closedAt?.toISOString()}`);
}

async function keep(tx: Tx, runId: string, data: Json): Promise<Value> {
  if (Buffer.byteLength(JSON.stringify(data)) <= CLAIM_CHECK_BYTES) return { inline: data };
  return storePayload(tx, runId, data);
}

const valueOf = (tx: Tx, inline: unknown, ref: string | null): Promise<Json> =>
  materialise(tx, ref === null ? { inline: (inline ?? null) as Json } : { ref, bytes: 0 });

function summarise(row: SummaryRow): ApprovalSummary {
  const { id, runId, path, kind, question, assignees, status, onTimeout, level, decision, decidedBy, comment } = row;
  return {
    id,
    runId,
    path,
    kind,
    question,
    assignees,
    status,
    onTimeout,
    level,
    openedAt: row.openedAt.toISOString(),
    dueAt: row.dueAt.toISOString(),
    closedAt: row.closedAt?.toISOString() ?? null,
    decision,
    decidedBy,
    comment,
  };
}
