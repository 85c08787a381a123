import type { Json } from '../contracts/json.js';
import { type AcceptableBulk, itemParameters } from '../contracts/start-bulk.js';
import { capBudget } from '../contracts/budget.js';
import type { EventData } from '../contracts/events.js';
import type { Page } from '../contracts/lists.js';
import type { RunKind } from '../contracts/patterns.js';
import type { RunStatus, RunSummary } from '../contracts/runs.js';
import type { AcceptableRun } from '../contracts/start-run.js';
import type { BulkInput } from '../contracts/run-workflow.js';
import { findShards } from './bulk.repository.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import { subscribeRun } from './event-listeners.js';
import { NO_PART, runNotFound, SUMMARY_COLUMNS, summarise, type SummaryRow, WITH_OF_RUN } from './find-run.js';
import { splitLabel } from './label-filter.js';
import type { RunRow } from './entities/run.entity.js';
import { describePayload, type PayloadRef } from './payloads.repository.js';
import type { StartableRun } from './start-run-workflow.js';
import { workflowName } from './workflow-name.js';
import { isUuid } from './uuid.js';

export interface NewRun {
  id: string;
  orgId: string;
  start: AcceptableRun;
  /** Where the input is when it is too large for the row. */
  inputRef?: PayloadRef;
  parentRunId?: string;
  /** Of a run that a task of the parent runs: that task's place, once in the parent. */
  parentKey?: string;
  /** W3C trace context of the request. */
  traceparent?: string;
  traceId?: string;
  definitionHash: string;
  /** Milliseconds since the epoch. */
  deadlineAt: number;
  /** The journal holds results from the start (copied by a rerun). */
  resumed?: boolean;
}

/** The run exists when the transaction commits, with `run.accepted` at position 1. Answers what its workflow starts with. */
export async function acceptRun(tx: Tx, run: NewRun): Promise<StartableRun> {
  const { id, orgId, start, inputRef, parentRunId, traceparent, deadlineAt, resumed = false } = run;
  const { pattern, priority, correlationId } = start;
  const workflow = workflowName(start);
  const budget = capBudget(start.budget, start.with.budget);
  await tx(
    `WITH accepted AS (
       INSERT INTO run (id, org_id, pattern, "with", input, input_ref, labels, priority, correlation_id, parent_run_id,
         trace_id, traceparent, definition_hash, resumed, deadline_at, budget, workflow, parent_key, retention_ms, last_position)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $17, $18, $19, $20, 1))
     INSERT INTO run_event (org_id, run_id, position, key, at, type, data)
     VALUES ($2, $1, 1, 'run/accepted', clock_timestamp(), 'run.accepted', $16)`,
    [
      id,
      orgId,
      pattern,
      JSON.stringify(start.with),
      inputRef === undefined ? JSON.stringify(start.input) : null,
      inputRef?.ref ?? null,
      JSON.stringify(start.labels),
      priority,
      correlationId ?? null,
      parentRunId ?? null,
      run.traceId ?? traceparent?.split('-')[1] ?? null,
      traceparent ?? null,
      run.definitionHash,
      resumed,
      new Date(deadlineAt),
      JSON.stringify({ pattern, workflow, parentRunId } satisfies EventData['run.accepted']),
      budget === undefined ? null : JSON.stringify(budget),
      workflow ?? null,
      run.parentKey ?? null,
      start.pattern === 'workflow' ? (start.retentionMs ?? null) : null,
    ],
  );
  if (start.pattern === 'workflow') await subscribeRun(tx, orgId, id, start.with.definition);
  const input = {
    orgId,
    runId: id,
    with: start.with,
    input: inputRef ?? { inline: start.input },
    deadlineAt,
    priority,
    ...(budget === undefined ? {} : { budget }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    resumed,
  };
  return { pattern, input } as StartableRun;
}

export interface RunFilter {
  status?: RunStatus;
  /** Only what this run started: its shards, their items, its reruns. Parts of bulk runs are in no other list. */
  parent?: string;
  pattern?: RunKind;
  /** namespace/name:version, or namespace/name for every version. */
  workflow?: string;
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
  const { status, parent, pattern, workflow, agent, label, since, until, limit, cursor } = filter;
  const conditions: string[] = [];
  const values: unknown[] = [];
  const where = (condition: string, value: unknown) => {
    values.push(value);
    conditions.push(condition.replaceAll('?', `$${values.length}`));
  };
  if (parent === undefined) conditions.push(NO_PART);
  else where('parent_run_id = ?', parent);
  if (status !== undefined) where('status = ?', status);
  if (pattern !== undefined) where('pattern = ?', pattern);
  if (workflow !== undefined) {
    where(`split_part(workflow, ':', 1) = ?`, workflow.split(':')[0]);
    if (workflow.includes(':')) where('workflow = ?', workflow);
  }
  if (since !== undefined) where('accepted_at >= ?', since);
  if (until !== undefined) where('accepted_at < ?', until);
  if (cursor !== undefined) where('id < ?', decodeCursor(cursor, isUuid));
  if (agent !== undefined)
    where(
      'EXISTS (SELECT FROM call_journal j WHERE j.run_id = run.id AND (j.agent = ? OR j.agent_id::text = ?))',
      agent,
    );
  if (label !== undefined) {
    const [name, value] = splitLabel(label);
    if (value === undefined) where('jsonb_exists(labels, ?)', name);
    else where('labels @> ?::jsonb', JSON.stringify({ [name]: value }));
  }
  const rows = await tx<SummaryRow>(
    `SELECT ${SUMMARY_COLUMNS} FROM run WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT $${values.length + 1}`,
    [...values, limit + 1],
  );
  return toPage(rows, limit, ({ id }) => id, summarise);
}

type StartRow = Pick<
  RunRow,
  | 'orgId'
  | 'pattern'
  | 'with'
  | 'input'
  | 'inputRef'
  | 'deadlineAt'
  | 'priority'
  | 'budget'
  | 'correlationId'
  | 'traceparent'
  | 'resumed'
  | 'kind'
  | 'maxConcurrency'
>;

/** What the workflow of an accepted run is started with. Fails `run.not_found`. */
export async function findStartableRun(tx: Tx, runId: string): Promise<StartableRun> {
  const [row] = await tx<StartRow>(
    `SELECT org_id AS "orgId", pattern, ${WITH_OF_RUN}, input, input_ref AS "inputRef", deadline_at AS "deadlineAt", priority, budget,
       correlation_id AS "correlationId", traceparent, resumed, kind, max_concurrency AS "maxConcurrency"
     FROM run WHERE id = $1`,
    [runId],
  );
  if (!row) throw runNotFound(runId);
  const { orgId, pattern, priority, resumed } = row;
  const shared = {
    orgId,
    runId,
    with: row.with,
    deadlineAt: row.deadlineAt.getTime(),
    priority,
    ...(row.budget === null ? {} : { budget: row.budget }),
    ...(row.correlationId === null ? {} : { correlationId: row.correlationId }),
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
    resumed,
  };
  if (row.kind === 'bulk') {
    const shards = await findShards(tx, runId);
    const params = itemParameters({ pattern, with: row.with, budget: row.budget ?? undefined } as AcceptableBulk);
    const input = { ...shared, with: params, pattern, shards, maxConcurrency: row.maxConcurrency };
    return { pattern: 'bulk', input: input as BulkInput };
  }
  const input = row.inputRef === null ? { inline: row.input as Json } : await describePayload(tx, row.inputRef);
  return { pattern, input: { ...shared, input } } as StartableRun;
}

export { copyJournal } from './copy-journal.js';
export { findRun } from './find-run.js';
export { loadRun } from './load-run.js';
