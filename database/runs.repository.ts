import type { Json } from '../contracts/json.js';
import { BrikkError } from '../contracts/errors.js';
import type { Page } from '../contracts/lists.js';
import type { RunInput } from '../contracts/run-workflow.js';
import type { RunStatus, RunSummary, StartRun } from '../contracts/runs.js';
import type { PatternName } from '../contracts/patterns.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import { findRun, runNotFound, summarise } from './find-run.js';
import { RunRow } from './entities/run.entity.js';
import type { PayloadRef } from './payloads.repository.js';
import { sqlOf } from './sql.js';
import { isUuid } from './uuid.js';
import { writeRunRecords } from './write-run-records.js';

export interface NewRun {
  id: string;
  orgId: string;
  start: StartRun;
  /** Where the input is when it is too large for the row. */
  inputRef?: PayloadRef | string;
  parentRunId?: string;
  /** W3C trace context of the request. */
  traceparent?: string;
  traceId?: string;
  definitionHash: string;
  deadlineAt: Date | number | string;
  /** The journal holds results from the start (copied by a rerun). */
  resumed?: boolean;
}

/** The run exists when the transaction commits, with `run.accepted` at position 1. */
export async function acceptRun(tx: Tx, run: NewRun): Promise<void> {
  const { id, orgId, start, parentRunId, traceparent } = run;
  const inputRef = typeof run.inputRef === 'string' ? run.inputRef : run.inputRef?.ref;
  await sqlOf(tx)(
    `INSERT INTO run (id, org_id, pattern, "with", input, input_ref, labels, priority, correlation_id, parent_run_id,
       trace_id, traceparent, definition_hash, resumed, deadline_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      id,
      orgId,
      start.pattern,
      JSON.stringify(start.with),
      inputRef === undefined ? JSON.stringify(start.input) : null,
      inputRef ?? null,
      JSON.stringify(start.labels),
      start.priority,
      start.correlationId ?? null,
      parentRunId ?? null,
      run.traceId ?? traceparent?.split('-')[1] ?? null,
      traceparent ?? null,
      run.definitionHash,
      run.resumed ?? false,
      new Date(run.deadlineAt),
    ],
  );
  const data = { pattern: start.pattern, ...(parentRunId === undefined ? {} : { parentRunId }) };
  await writeRunRecords(sqlOf(tx), orgId, [{ runId: id, event: { key: 'run/accepted', type: 'run.accepted', data } }]);
}

export interface RunFilter {
  status?: RunStatus;
  pattern?: PatternName;
  /** Name or id of an agent that has worked in the run. */
  agent?: string;
  /** `name=value`, or `name` for any value. */
  label?: string;
  /** RFC 3339, by the time of acceptance. */
  since?: string;
  until?: string;
  limit: number;
  cursor?: string;
}

/** The newest first. */
export async function listRuns(tx: Tx, filter: RunFilter): Promise<Page<RunSummary>> {
  const { status, pattern, agent, label, since, until, limit, cursor } = filter;
  const query = tx
    .createQueryBuilder(RunRow, 'run')
    .orderBy('run.id', 'DESC')
    .take(limit + 1);
  if (status !== undefined) query.andWhere('run.status = :status', { status });
  if (pattern !== undefined) query.andWhere('run.pattern = :pattern', { pattern });
  if (since !== undefined) query.andWhere('run.accepted_at >= :since', { since });
  if (until !== undefined) query.andWhere('run.accepted_at < :until', { until });
  if (cursor !== undefined) query.andWhere('run.id < :cursor', { cursor: decodeCursor(cursor, isUuid) });
  if (agent !== undefined)
    query.andWhere(
      'EXISTS (SELECT FROM call_journal j WHERE j.run_id = run.id AND (j.agent = :agent OR j.agent_id::text = :agent))',
      { agent },
    );
  if (label !== undefined) {
    const [name, value] = splitLabel(label);
    if (value === undefined) query.andWhere('jsonb_exists(run.labels, :name)', { name });
    else query.andWhere('run.labels @> :labels::jsonb', { labels: JSON.stringify({ [name]: value }) });
  }
  return toPage(await query.getMany(), limit, ({ id }) => id, summarise);
}

function splitLabel(label: string): [string, string?] {
  const at = label.indexOf('=');
  return at < 0 ? [label] : [label.slice(0, at), label.slice(at + 1)];
}

/** What the run's workflow is started with, by the API and by the sweeper alike. Fails `run.not_found`. */
export async function findRunInput(tx: Tx, runId: string): Promise<RunInput> {
  const row = await findRun(tx, runId);
  if (!row) throw runNotFound(runId);
  return {
    orgId: row.orgId,
    runId,
    with: row.with as RunInput['with'],
    input: row.inputRef === null ? { inline: row.input as Json } : await describePayload(tx, row.inputRef),
    deadlineAt: row.deadlineAt.getTime(),
    priority: row.priority,
    ...(row.correlationId === null ? {} : { correlationId: row.correlationId }),
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
    resumed: row.resumed,
  };
}

async function describePayload(tx: Tx, ref: string): Promise<PayloadRef> {
  const [row] = await sqlOf(tx)<{ bytes: number; length: number | null }>(
    `SELECT bytes, CASE WHEN json_typeof(content) = 'array' THEN json_array_length(content) END AS length FROM payload WHERE id = $1`,
    [ref],
  );
  if (!row) throw new BrikkError('payload.not_found', `There is no payload ${ref}`);
  return { ref, bytes: row.bytes, ...(row.length === null ? {} : { length: row.length }) };
}

export { copyJournal } from './copy-journal.js';
export { findRun } from './find-run.js';
export { loadRun } from './load-run.js';
