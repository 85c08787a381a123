import type { ApprovalKind } from '../contracts/approvals.js';
import { BrikkError } from '../contracts/errors.js';
import type { EventData } from '../contracts/events.js';
import type { Json } from '../contracts/json.js';
import type { RunError, RunStatus } from '../contracts/runs.js';
import type { Tx } from './database.js';
import { runNotFound } from './find-run.js';
import { materialise } from './payloads.repository.js';
import { isUuid } from './uuid.js';

/** A question that the run asks, as it stands. */
export interface OpenQuestion {
  id: string;
  kind: ApprovalKind;
  question: string;
  path: string;
  schema: Json;
  dueAt: string;
}

/** A run as an A2A client sees it. */
export interface A2aTask {
  runId: string;
  contextId: string;
  skill: string;
  messages: Json[];
  status: RunStatus;
  /** Of the last event that changed the status. */
  statusAt: Date;
  lastPosition: number;
  error: RunError | null;
  warnings: string[];
  /** Null while it runs. */
  output: Json;
  /** The oldest first. */
  questions: OpenQuestion[];
}

export interface NewA2aTask {
  runId: string;
  orgId: string;
  contextId: string;
  skill: string;
  message: Json;
}

export async function keepA2aTask(tx: Tx, { runId, orgId, contextId, skill, message }: NewA2aTask): Promise<void> {
  await tx('INSERT INTO a2a_task (run_id, org_id, context_id, skill, messages) VALUES ($1, $2, $3, $4, $5)', [
    runId,
    orgId,
    contextId,
    skill,
    JSON.stringify([message]),
  ]);
}

/** Messages with these ids are there once. */
export async function addA2aMessages(tx: Tx, runId: string, messages: { messageId: string }[]): Promise<void> {
  await tx(
    `UPDATE a2a_task t SET messages = t.messages || coalesce((
       SELECT jsonb_agg(m ORDER BY place) FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS g (m, place)
       WHERE NOT t.messages @> jsonb_build_array(jsonb_build_object('messageId', m->'messageId'))), '[]')
     WHERE run_id = $1`,
    [runId, JSON.stringify(messages)],
  );
}

const OF_STATUS = ['run.accepted', 'run.started', 'run.waiting', 'run.paused', 'run.resumed'];
const STATUS_AT = `coalesce(r.finished_at, (SELECT max(e.at) FROM run_event e
  WHERE e.run_id = r.id AND e.type IN (${OF_STATUS.map((type) => `'${type}'`).join(', ')})))`;
const COLUMNS = `t.run_id AS "runId", t.context_id AS "contextId", t.skill, t.messages, r.status, s.at AS "statusAt",
  r.last_position AS "lastPosition", r.error, r.warnings, r.output, r.output_ref AS "outputRef", coalesce((
    SELECT json_agg(json_build_object('id', a.id, 'kind', a.kind, 'question', a.question, 'path', a.path,
      'schema', a.schema, 'dueAt', a.due_at) ORDER BY a.id)
    FROM approval a WHERE a.run_id = r.id AND a.status = 'pending'), '[]') AS questions`;
const TASKS = `a2a_task t JOIN run r ON r.id = t.run_id CROSS JOIN LATERAL (SELECT ${STATUS_AT} AS at) s`;

type Row = Omit<A2aTask, 'output'> & { output: Json; outputRef: string | null };

/** Fails `run.not_found`, also for a run that no A2A client has started. */
export async function findA2aTask(tx: Tx, runId: string): Promise<A2aTask> {
  const [row] = isUuid(runId) ? await tx<Row>(`SELECT ${COLUMNS} FROM ${TASKS} WHERE t.run_id = $1`, [runId]) : [];
  if (!row) throw runNotFound(runId);
  return withOutput(tx, row);
}

export interface A2aTaskFilter {
  contextId?: string;
  statuses?: RunStatus[];
  /** RFC 3339: changed then or later. */
  since?: string;
  limit: number;
  cursor?: string;
}

/** Those whose status changed last come first; `total` counts all that the filter lets through. */
export async function listA2aTasks(
  tx: Tx,
  { contextId, statuses, since, limit, cursor }: A2aTaskFilter,
): Promise<{ tasks: A2aTask[]; nextCursor: string; total: number }> {
  const [at, id] = cursor === undefined ? [null, null] : decode(cursor);
  const where = `($1::text IS NULL OR t.context_id = $1) AND ($2::text[] IS NULL OR r.status = ANY($2))
    AND ($3::timestamptz IS NULL OR s.at >= $3)`;
  const filter = [contextId ?? null, statuses ?? null, since ?? null];
  const rows = await tx<Row>(
    `SELECT ${COLUMNS} FROM ${TASKS} WHERE ${where} AND ($4::timestamptz IS NULL OR (s.at, t.run_id) < ($4, $5::uuid))
     ORDER BY s.at DESC, t.run_id DESC LIMIT $6`,
    [...filter, at, id, limit + 1],
  );
  const [counted] = await tx<{ total: number }>(`SELECT count(*)::int AS total FROM ${TASKS} WHERE ${where}`, filter);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const tasks: A2aTask[] = [];
  for (const row of shown) tasks.push(await withOutput(tx, row));
  const nextCursor = last ? Buffer.from(`${last.statusAt.toISOString()} ${last.runId}`).toString('base64url') : '';
  return { tasks, nextCursor, total: counted?.total ?? 0 };
}

function decode(cursor: string): [string, string] {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (!Number.isNaN(Date.parse(at)) && isUuid(id)) return [at, id];
  throw new BrikkError('request.invalid', 'The page token is not one of ours', {
    violations: [{ path: 'pageToken', message: 'must be the nextPageToken of an earlier page' }],
  });
}

async function withOutput(tx: Tx, { outputRef, output, ...row }: Row): Promise<A2aTask> {
  return { ...row, output: outputRef === null ? output : await materialise(tx, { ref: outputRef, bytes: 0 }) };
}

const TOLD = ['run.started', 'run.waiting', 'run.paused', 'run.resumed', 'step.finished', 'run.finished'] as const;
export type TaskEvent = {
  [Type in (typeof TOLD)[number]]: { position: number; at: Date; type: Type; data: EventData[Type] };
}[(typeof TOLD)[number]];

/** What a client of the task is told, in order of position. */
export const readTaskEvents = (tx: Tx, runId: string, after: number, limit: number): Promise<TaskEvent[]> =>
  tx<TaskEvent>(
    `SELECT position, at, type, data FROM run_event WHERE run_id = $1 AND position > $2 AND type = ANY($3)
     ORDER BY position LIMIT $4`,
    [runId, after, TOLD, limit],
  );

/** What an organisation offers beside the patterns. */
export interface OfferedWork {
  workflows: { namespace: string; name: string; title: string | null; summary: string | null }[];
  capabilities: { name: string; description: string | null }[];
}

/** In alphabetical order; at most 1,000 of each. */
export async function offeredWork(tx: Tx): Promise<OfferedWork> {
  const workflows = await tx<OfferedWork['workflows'][number]>(
    `SELECT DISTINCT ON (namespace, name) namespace, name, title, summary FROM workflow_definition
     ORDER BY namespace, name, created_at DESC LIMIT 1000`,
  );
  const capabilities = await tx<OfferedWork['capabilities'][number]>(
    `SELECT name, max(contract->>'description') AS description FROM agent_capability GROUP BY name ORDER BY name LIMIT 1000`,
  );
  return { workflows, capabilities };
}

/** What the versions of one agent can do. */
export function offeredBy(tx: Tx, agent: string): Promise<OfferedWork['capabilities']> {
  return tx<OfferedWork['capabilities'][number]>(
    `SELECT c.name, max(c.contract->>'description') AS description FROM agent_capability c
     JOIN agent a ON a.id = c.agent_id WHERE a.name = $1 GROUP BY c.name ORDER BY c.name`,
    [agent],
  );
}
