import type { Json } from '../contracts/json.js';
import type { Contribution, Decision, Run, Usage } from '../contracts/runs.js';
import { readBudget } from './budget.repository.js';
import type { Tx } from './database.js';
import type { RunRow } from './entities/run.entity.js';
import { listFeedback } from './feedback.repository.js';
import { materialise } from './payloads.repository.js';
import { JOURNAL_COLUMNS, type StoredCall } from './run-records.js';
import { runNotFound, SUMMARY_COLUMNS, summarise } from './find-run.js';
import { isUuid } from './uuid.js';

const RUN_COLUMNS = `${SUMMARY_COLUMNS}, "with", input, input_ref AS "inputRef", output, output_ref AS "outputRef", error,
  trace_id AS "traceId", definition_hash AS "definitionHash", deadline_at AS "deadlineAt", usage, warnings, degraded, rounds, budget`;
const CONTRIBUTIONS = 1_000;
const DECISIONS = 1_000;

/** The whole run as `GET /v1/runs/{id}` shows it: at most 1,000 contributions and decisions. Fails `run.not_found`. */
export async function loadRun(tx: Tx, id: string): Promise<Run> {
  if (!isUuid(id)) throw runNotFound(id);
  const [[row], contributions, decisions, feedback] = await Promise.all([
    tx<RunRow>(`SELECT ${RUN_COLUMNS} FROM run WHERE id = $1`, [id]),
    loadContributions(tx, id),
    loadDecisions(tx, id),
    listFeedback(tx, id),
  ]);
  if (!row) throw runNotFound(id);
  return {
    ...summarise(row),
    with: row.with as Json,
    input: await valueOf(tx, row.input, row.inputRef),
    output: await valueOf(tx, row.output, row.outputRef),
    degraded: row.degraded,
    contributions,
    decisions,
    rounds: row.rounds,
    usage: row.usage ?? (await sumUsage(tx, id)),
    budget: row.budget && (await readBudget(tx, id, row.budget)),
    warnings: row.warnings,
    feedback,
    error: row.error,
    deadlineAt: row.deadlineAt.toISOString(),
    traceId: row.traceId,
    definitionHash: row.definitionHash,
    links: { self: `/v1/runs/${id}`, events: `/v1/runs/${id}/events` },
  };
}

const valueOf = (tx: Tx, inline: RunRow['input'], ref: string | null): Promise<Json> =>
  materialise(tx, ref === null ? { inline: (inline ?? null) as Json } : { ref, bytes: 0 });

/** What the calls of run `$1` used, copied ones excepted; amounts in tokens and US dollars. */
export const USAGE_OF_RUN = `SELECT json_build_object(
    'inputTokens', coalesce(sum((usage ->> 'inputTokens')::float8), 0),
    'outputTokens', coalesce(sum((usage ->> 'outputTokens')::float8), 0),
    'costUsd', coalesce(sum((usage ->> 'costUsd')::float8), 0),
    'calls', coalesce(sum(coalesce((usage ->> 'calls')::float8, 1)), 0))
  FROM call_journal WHERE run_id = $1`;

async function sumUsage(tx: Tx, runId: string): Promise<Usage> {
  const [row] = await tx<{ usage: Usage }>(`SELECT (${USAGE_OF_RUN}) AS usage`, [runId]);
  return row?.usage ?? {};
}

async function loadContributions(tx: Tx, runId: string): Promise<Contribution[]> {
  const rows = await tx<StoredCall>(
    `SELECT ${JOURNAL_COLUMNS} FROM call_journal j WHERE j.run_id = $1 ORDER BY j.position LIMIT ${CONTRIBUTIONS}`,
    [runId],
  );
  return rows.map((row) => {
    const { agentId, agent, version, instanceId, role, round, attempts, status, queueMs, execMs, usage } = row;
    return {
      callKey: row.key,
      agentId,
      agent,
      version,
      instanceId,
      role,
      round,
      attempts,
      status,
      queueMs,
      execMs,
      usage,
      ...(row.confidence === null ? {} : { confidence: row.confidence }),
      ...(row.output === null ? {} : { output: JSON.parse(row.output) }),
      ...(row.payloadRef === null ? {} : { outputRef: row.payloadRef }),
      ...(row.error ? { error: row.error } : {}),
    };
  });
}

async function loadDecisions(tx: Tx, runId: string): Promise<Decision[]> {
  const rows = await tx<{ at: Date; data: Omit<Decision, 'at'> }>(
    `SELECT at, data FROM run_event WHERE run_id = $1 AND type = 'decision' ORDER BY position LIMIT ${DECISIONS}`,
    [runId],
  );
  return rows.map(({ at, data }) => ({ ...data, at: at.toISOString() }));
}
