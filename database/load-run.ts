import type { Json } from '../contracts/json.js';
import type { Contribution, Decision, Run } from '../contracts/runs.js';
import { readBudget } from './budget.repository.js';
import { countItems } from './bulk-counts.js';
import type { Tx } from './database.js';
import type { RunRow } from './entities/run.entity.js';
import { withScores } from './feedback-scores.js';
import { listFeedback } from './feedback.repository.js';
import { materialise } from './payloads.repository.js';
import type { StoredCall } from './run-records.js';
import { runNotFound, SUMMARY_COLUMNS, summarise, WITH_OF_RUN } from './find-run.js';
import { usageOf } from './run-usage.js';
import { isUuid } from './uuid.js';

const RUN_COLUMNS = `${SUMMARY_COLUMNS}, ${WITH_OF_RUN}, input, input_ref AS "inputRef", output, output_ref AS "outputRef", error,
  trace_id AS "traceId", definition_hash AS "definitionHash", deadline_at AS "deadlineAt", usage, warnings, degraded, rounds, budget, kind`;
const CONTRIBUTIONS = 1_000;
const DECISIONS = 1_000;
/** Few: reading a thousand of them is what an answer with its run waits for. */
const CONTRIBUTION_COLUMNS = `j.call_key AS "key", j.agent_id AS "agentId", j.agent, j.version,
  j.instance_id AS "instanceId", j.role, j.round, j.attempts, j.status, j.queue_ms AS "queueMs", j.exec_ms AS "execMs",
  j.usage, j.confidence, j.degraded, j.output::text AS output, j.payload_ref AS "payloadRef", j.error`;

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
    contributions: withScores(contributions, feedback),
    decisions,
    rounds: row.rounds,
    usage: await usageOf(tx, row),
    budget: row.budget && (await readBudget(tx, id, row.budget)),
    warnings: row.warnings,
    feedback,
    error: row.error,
    deadlineAt: row.deadlineAt.toISOString(),
    traceId: row.traceId,
    definitionHash: row.definitionHash,
    ...(row.kind === 'bulk' ? { bulk: await countItems(tx, id) } : {}),
    links: { self: `/v1/runs/${id}`, events: `/v1/runs/${id}/events` },
  };
}

const valueOf = (tx: Tx, inline: RunRow['input'], ref: string | null): Promise<Json> =>
  materialise(tx, ref === null ? { inline: (inline ?? null) as Json } : { ref, bytes: 0 });

/** The first 1,000 calls of a run, or those at and below `place` in it. */
export async function loadContributions(tx: Tx, runId: string, place?: string): Promise<Contribution[]> {
  const here = place === undefined ? '' : `AND (j.call_key = $2 OR starts_with(j.call_key, $2 || '/'))`;
  const rows = await tx<Omit<StoredCall, 'runId' | 'position' | 'at' | 'path' | 'payloadBytes' | 'payloadLength'>>(
    `SELECT ${CONTRIBUTION_COLUMNS} FROM call_journal j WHERE j.run_id = $1 ${here} ORDER BY j.position LIMIT ${CONTRIBUTIONS}`,
    place === undefined ? [runId] : [runId, place],
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
      ...(row.degraded ? { degraded: true } : {}),
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
