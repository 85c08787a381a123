import { BrikkError } from '../contracts/errors.js';
import type { Feedback, GiveFeedback } from '../contracts/feedback.js';
import type { Json } from '../contracts/json.js';
import { isTerminal } from '../contracts/runs.js';
import type { Tx } from './database.js';
import type { RunRow } from './entities/run.entity.js';
import type { RunFeedbackRow } from './entities/feedback.entity.js';
import { type RatedCall, scoresOfRun, usedCapabilities } from './feedback-scores.js';
import { runNotFound } from './find-run.js';
import { isUuid } from './uuid.js';

/** How much a score counts against the next one, as in learned selection; after 2,000 of them nothing is left of it. */
const DISCOUNT = 0.995;
const REMEMBERED = 2_000;

type Run = Pick<RunRow, 'status' | 'pattern'> & { with: Json; output: string | null };
type FeedbackColumns = Omit<RunFeedbackRow, 'orgId' | 'runId'>;
const COLUMNS = `call_key AS "callKey", actor_id AS "actorId", score, comment, at`;

/**
 * Keeps what a caller thinks, in place of what it thought before, and makes the reputation of the agents that did the work
 * anew; `created`: it had said nothing yet. Fails `run.not_found`, `run.call_not_found`, and `run.not_finished` for a run
 * as a whole that has not ended.
 */
export async function giveFeedback(
  tx: Tx,
  runId: string,
  actorId: string,
  { score, callKey, comment }: GiveFeedback,
): Promise<{ feedback: Feedback; created: boolean }> {
  const run = await lockRun(tx, runId);
  if (callKey === undefined && !isTerminal(run.status))
    throw new BrikkError('run.not_finished', `Run ${runId} is ${run.status}: rate its calls, or wait for its end`);
  const scores =
    callKey === undefined ? await rateRun(tx, runId, run, score) : await rateCall(tx, runId, callKey, score);
  const [row] = await tx<FeedbackColumns & { created: boolean }>(
    `INSERT INTO run_feedback (org_id, run_id, call_key, actor_id, score, comment, at)
     VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())
     ON CONFLICT (run_id, call_key, actor_id) DO UPDATE SET score = excluded.score, comment = excluded.comment, at = excluded.at
     RETURNING ${COLUMNS}, xmax = 0 AS created`,
    [tx.orgId, runId, callKey ?? '', actorId, score, comment ?? null],
  );
  const { created, ...columns } = row!;
  await keepScores(tx, { runId, callKey: callKey ?? '', actorId }, run.with, scores);
  return { feedback: showFeedback(columns), created };
}

/** The newest last. */
export async function listFeedback(tx: Tx, runId: string): Promise<Feedback[]> {
  const rows = await tx<FeedbackColumns>(
    `SELECT ${COLUMNS} FROM run_feedback WHERE run_id = $1 ORDER BY at LIMIT 1000`,
    [runId],
  );
  return rows.map(showFeedback);
}

/** One feedback of an organisation after another: each sees the scores that the one before it left. Fails `run.not_found`. */
export async function lockRun(tx: Tx, runId: string): Promise<Run> {
  if (!isUuid(runId)) throw runNotFound(runId);
  const [, [run]] = await Promise.all([
    tx(`SELECT pg_advisory_xact_lock(hashtextextended('feedback ' || $1, 0))`, [tx.orgId]),
    tx<Run>('SELECT status, pattern, "with", output::text AS output FROM run WHERE id = $1', [runId]),
  ]);
  if (!run) throw runNotFound(runId);
  return run;
}

/** An offer, or the answer to one: no work. Their keys end with the bidder's id, as that of the winner's work does. */
const IS_MARKET_TALK = `(role IN ('bidder', 'accept', 'reject') AND right(call_key, 37) = '/' || agent_id)`;

async function rateRun(tx: Tx, runId: string, run: Run, score: number): Promise<Map<string, number>> {
  // Votes are small and matter; of all other calls it matters who made them.
  const calls = await tx<Omit<RatedCall, 'output'> & { output: string | null }>(
    `SELECT DISTINCT agent_id AS "agentId", role, CASE WHEN role = 'voter' THEN round END AS round,
       CASE WHEN role = 'voter' THEN output::text END AS output
     FROM call_journal WHERE run_id = $1 AND status = 'completed' AND agent_id IS NOT NULL AND NOT ${IS_MARKET_TALK}`,
    [runId],
  );
  const rated = calls.map((call) => ({ ...call, output: parsed(call.output) }));
  return scoresOfRun({ pattern: run.pattern, output: parsed(run.output), calls: rated }, score);
}

async function rateCall(tx: Tx, runId: string, callKey: string, score: number): Promise<Map<string, number>> {
  const [call] = await tx<{ agentId: string | null; status: string }>(
    'SELECT agent_id AS "agentId", status FROM call_journal WHERE run_id = $1 AND call_key = $2',
    [runId, callKey],
  );
  if (!call)
    throw new BrikkError('run.call_not_found', `Run ${runId} has no finished call ${callKey}`, {
      violations: [{ path: 'callKey', message: 'must be the callKey of a contribution of the run' }],
    });
  return new Map(call.agentId !== null && call.status === 'completed' ? [[call.agentId, score]] : []);
}

interface Source {
  runId: string;
  callKey: string;
  actorId: string;
}

/** The scores of one source, in place of those it gave before, and the reputations that follow from them. */
export async function keepScores(tx: Tx, source: Source, params: Json, scores: Map<string, number>): Promise<void> {
  const { runId, callKey, actorId } = source;
  const agents = await tx<{ agentId: string; capabilities: string[] }>(
    `SELECT agent_id AS "agentId", array_agg(name ORDER BY ordinal) AS capabilities FROM agent_capability
     WHERE agent_id = ANY($1::uuid[]) GROUP BY agent_id`,
    [[...scores.keys()]],
  );
  const rows = agents.flatMap(({ agentId, capabilities }) =>
    usedCapabilities(params, capabilities).map((capability) => ({ agentId, capability, score: scores.get(agentId) })),
  );
  const before = await tx<{ agentId: string; capability: string }>(
    `DELETE FROM agent_score WHERE run_id = $1 AND call_key = $2 AND actor_id = $3
     RETURNING agent_id AS "agentId", capability`,
    [runId, callKey, actorId],
  );
  await tx(
    `INSERT INTO agent_score (org_id, run_id, call_key, actor_id, agent_id, capability, score, at)
     SELECT $1, $2, $3, $4, r."agentId", r.capability, r.score, clock_timestamp()
     FROM json_to_recordset($5) AS r ("agentId" uuid, capability text, score float8)`,
    [tx.orgId, runId, callKey, actorId, JSON.stringify(rows)],
  );
  await tx(REPUTATION, [tx.orgId, JSON.stringify([...before, ...rows])]);
}

/** Σ score · 0.995^age ÷ Σ 0.995^age, where age counts the scores that came later. */
const REPUTATION = `
  INSERT INTO agent_reputation (org_id, agent_id, capability, reputation)
  SELECT $1, k.agent_id, k.capability, mean.reputation
  FROM (SELECT DISTINCT "agentId" AS agent_id, capability
        FROM json_to_recordset($2) AS r ("agentId" uuid, capability text)) k,
    LATERAL (
      SELECT sum(score * power(${DISCOUNT}, age)) / sum(power(${DISCOUNT}, age)) AS reputation
      FROM (SELECT score, row_number() OVER (ORDER BY at DESC, run_id DESC, call_key, actor_id) - 1 AS age
            FROM agent_score s WHERE s.agent_id = k.agent_id AND s.capability = k.capability
            ORDER BY at DESC LIMIT ${REMEMBERED}) aged
    ) mean
  WHERE mean.reputation IS NOT NULL
  ON CONFLICT (agent_id, capability) DO UPDATE SET reputation = excluded.reputation`;

const parsed = (text: string | null): Json | undefined => (text === null ? undefined : (JSON.parse(text) as Json));

function showFeedback({ callKey, actorId, score, comment, at }: FeedbackColumns): Feedback {
  return {
    ...(callKey === '' ? {} : { callKey }),
    score,
    ...(comment === null ? {} : { comment }),
    by: actorId,
    at: at.toISOString(),
  };
}
