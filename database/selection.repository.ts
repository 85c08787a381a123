import type { CallStat } from '../contracts/candidates.js';
import {
  FADING,
  LEARNING_DISCOUNT,
  type Lesson,
  type Lessons,
  type MadeChoice,
  type SelectionSettings,
  selectionSettingsSchema,
} from '../contracts/selection.js';
import type { Tx } from './database.js';

/** After so many scores nothing is left of the first one. */
const REMEMBERED = 2_000;
/** How much the newest answer counts in the mean latency and cost. */
const WEIGHT = 0.05;
const KEPT = `interval '90 days'`;
const MOST_CHOICES = 10_000;

export async function readSelectionSettings(tx: Tx): Promise<SelectionSettings> {
  const [row] = await tx<{ settings: object }>('SELECT settings FROM selection_setting');
  return selectionSettingsSchema.parse(row?.settings ?? {});
}

export async function putSelectionSettings(tx: Tx, settings: SelectionSettings): Promise<SelectionSettings> {
  await tx(
    `INSERT INTO selection_setting (org_id, settings) VALUES ($1, $2)
     ON CONFLICT (org_id) DO UPDATE SET settings = excluded.settings`,
    [tx.orgId, JSON.stringify(settings)],
  );
  return settings;
}

/** What is known of the agents of a capability now, faded by the calls that others got since. */
export async function readLessons(tx: Tx, capability: string): Promise<Lessons> {
  const [settings, rows] = await Promise.all([
    readSelectionSettings(tx),
    tx<Lesson>(
      `WITH learned AS (
         SELECT agent_id, power(${FADING}, max(seen) OVER () - seen) AS left, successes, failures, latency_ms, cost_usd
         FROM selection_lesson WHERE capability = $1)
       SELECT coalesce(l.agent_id, r.agent_id) AS "agentId", coalesce(successes * "left", 0) AS successes,
         coalesce(failures * "left", 0) AS failures, latency_ms AS "latencyMs", coalesce(cost_usd, 0) AS "costUsd",
         r.reputation AS quality, coalesce((1 - power(${LEARNING_DISCOUNT}, s.count)) / (1 - ${LEARNING_DISCOUNT}), 0)::float8 AS ratings
       FROM learned l FULL JOIN (SELECT * FROM agent_reputation WHERE capability = $1) r ON r.agent_id = l.agent_id
       LEFT JOIN LATERAL (SELECT count(*) AS count FROM (
         SELECT FROM agent_score s WHERE s.agent_id = r.agent_id AND s.capability = $1 LIMIT ${REMEMBERED}) newest
       ) s ON r.agent_id IS NOT NULL`,
      [capability],
    ),
  ]);
  return { settings, lessons: rows };
}

type ChosenStat = CallStat & { choice: MadeChoice };
export const isChosen = (stat: CallStat): stat is ChosenStat => stat.choice !== undefined;

/** Keeps how each call was chosen and what came of it, and learns from it. A repeat changes nothing. */
export async function recordChoices(tx: Tx, stats: readonly ChosenStat[]): Promise<void> {
  await tx(`SELECT pg_advisory_xact_lock(hashtextextended('selection ' || $1, 0))`, [tx.orgId]);
  const rows = stats.map(({ choice, agentId, capability, succeeded, latencyMs, costUsd }) => ({
    run_id: choice.runId,
    call_key: choice.callKey,
    attempt: choice.attempt,
    base_agent_id: choice.baseAgentId,
    propensities: choice.propensities,
    agent_id: agentId,
    capability,
    succeeded,
    latency_ms: latencyMs,
    cost_usd: costUsd,
  }));
  const fresh = await tx<{ runId: string; callKey: string; attempt: number }>(
    `INSERT INTO selection_choice (org_id, run_id, call_key, attempt, capability, agent_id, base_agent_id, propensities,
       succeeded, latency_ms, cost_usd)
     SELECT $1, run_id, call_key, attempt, capability, agent_id, base_agent_id, propensities, succeeded, latency_ms, cost_usd
     FROM json_to_recordset($2) AS c (run_id uuid, call_key text, attempt int, capability text, agent_id uuid,
       base_agent_id uuid, propensities json, succeeded bool, latency_ms float8, cost_usd float8)
     ON CONFLICT DO NOTHING RETURNING run_id AS "runId", call_key AS "callKey", attempt`,
    [tx.orgId, JSON.stringify(rows)],
  );
  const isFresh = new Set(fresh.map((row) => idOf(row)));
  const learned = stats.filter(({ choice }) => isFresh.has(idOf(choice)));
  for (const capability of new Set(learned.map((stat) => stat.capability)))
    await learn(
      tx,
      capability,
      learned.filter((stat) => stat.capability === capability),
    );
  await tx(`DELETE FROM selection_choice WHERE at < clock_timestamp() - ${KEPT}`);
}

interface LessonRow {
  agentId: string;
  seen: number;
  successes: number;
  failures: number;
  latencyMs: number | null;
  costUsd: number;
}

async function learn(tx: Tx, capability: string, stats: readonly ChosenStat[]): Promise<void> {
  const known = await tx<LessonRow>(
    `SELECT agent_id AS "agentId", seen::float8 AS seen, successes, failures, latency_ms AS "latencyMs",
       cost_usd AS "costUsd" FROM selection_lesson WHERE capability = $1`,
    [capability],
  );
  const rows = new Map(known.map((row) => [row.agentId, row]));
  let seen = Math.max(0, ...known.map((row) => row.seen));
  for (const { agentId, succeeded, latencyMs, costUsd } of stats) {
    seen += 1;
    const row = rows.get(agentId) ?? { agentId, seen, successes: 0, failures: 0, latencyMs: null, costUsd };
    rows.set(agentId, row);
    // Calls that others got in between, then its own.
    const left = FADING ** Math.max(0, seen - row.seen - 1) * LEARNING_DISCOUNT;
    row.successes = row.successes * left + (succeeded ? 1 : 0);
    row.failures = row.failures * left + (succeeded ? 0 : 1);
    row.costUsd += WEIGHT * (costUsd - row.costUsd);
    if (succeeded)
      row.latencyMs = row.latencyMs === null ? latencyMs : row.latencyMs + WEIGHT * (latencyMs - row.latencyMs);
    row.seen = seen;
  }
  const called = new Set(stats.map(({ agentId }) => agentId));
  await tx(
    `INSERT INTO selection_lesson (org_id, capability, agent_id, seen, successes, failures, latency_ms, cost_usd)
     SELECT $1, $2, "agentId", seen, successes, failures, "latencyMs", "costUsd"
     FROM json_to_recordset($3) AS r ("agentId" uuid, seen bigint, successes float8, failures float8, "latencyMs" float8,
       "costUsd" float8)
     ON CONFLICT (org_id, capability, agent_id) DO UPDATE SET seen = excluded.seen, successes = excluded.successes,
       failures = excluded.failures, latency_ms = excluded.latency_ms, cost_usd = excluded.cost_usd`,
    [tx.orgId, capability, JSON.stringify([...rows.values()].filter(({ agentId }) => called.has(agentId)))],
  );
}

/** A choice with what came of it; `score`: the mean of feedback on the call, else on its run. */
export interface RatedChoice {
  agentId: string;
  baseAgentId: string;
  propensities: Record<string, number>;
  succeeded: boolean;
  latencyMs: number;
  costUsd: number;
  score: number | null;
}

/** The newest 10,000 choices of a capability. */
export async function readChoices(tx: Tx, capability: string, since?: string): Promise<RatedChoice[]> {
  return tx<RatedChoice>(
    `SELECT c.agent_id AS "agentId", base_agent_id AS "baseAgentId", propensities, succeeded, latency_ms AS "latencyMs",
       cost_usd AS "costUsd", coalesce(
         (SELECT avg(score) FROM agent_score s WHERE s.run_id = c.run_id AND s.call_key = c.call_key
           AND s.agent_id = c.agent_id AND s.capability = c.capability),
         (SELECT avg(score) FROM agent_score s WHERE s.run_id = c.run_id AND s.call_key = ''
           AND s.agent_id = c.agent_id AND s.capability = c.capability)) AS score
     FROM selection_choice c WHERE capability = $1 AND ($2::timestamptz IS NULL OR at >= $2)
     ORDER BY at DESC LIMIT ${MOST_CHOICES}`,
    [capability, since ?? null],
  );
}

const idOf = ({ runId, callKey, attempt }: { runId: string; callKey: string; attempt: number }): string =>
  `${runId} ${callKey} ${attempt}`;
