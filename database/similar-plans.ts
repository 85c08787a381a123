import type { PastPlan } from '../contracts/past-plans.js';
import type { Tx } from './database.js';

/** So many of an organisation's last plans are looked through. */
const REMEMBERED = 1_000;
/** Of a goal that is told again. */
const GOAL_CHARACTERS = 2_000;

/** Any of the goal's words, without their English endings; stop words do not count. */
const ANY_WORD = `(SELECT string_agg('''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || '''', ' | ')
  FROM unnest(to_tsvector('english', $1)))::tsquery`;

/**
 * Runs of the pattern `plan` that have ended, the most similar goals first: those that share words with `goal`, by how
 * many and how near the beginning (ts_rank, divided by the length of the goal).
 */
export async function findSimilarPlans(tx: Tx, goal: string, limit: number): Promise<PastPlan[]> {
  return tx<PastPlan>(
    `WITH recent AS MATERIALIZED (
       SELECT id, "with"->>'goal' AS goal, status, termination_reason AS reason, usage, finished_at
       FROM run WHERE pattern = 'plan' AND kind = 'single' AND finished_at IS NOT NULL
       ORDER BY org_id, finished_at DESC LIMIT ${REMEMBERED}),
     asked AS MATERIALIZED (SELECT ${ANY_WORD} AS words),
     hit AS MATERIALIZED (
       SELECT recent.*, ts_rank(to_tsvector('english', goal), words, 1) AS rank FROM recent, asked
       WHERE to_tsvector('english', goal) @@ words
       ORDER BY rank DESC, finished_at DESC LIMIT $2)
     SELECT left(goal, ${GOAL_CHARACTERS}) AS goal, status, reason, coalesce(usage, '{}') AS usage,
       (SELECT avg(score) FROM run_feedback f WHERE f.run_id = hit.id AND f.call_key = '') AS score,
       coalesce(made.tasks, '[]') AS tasks, coalesce(made.revisions, 0)::int AS revisions
     FROM hit LEFT JOIN LATERAL (
       SELECT (array_agg(data->'chosen' ORDER BY position DESC))[1] AS tasks, count(*) - 1 AS revisions
       FROM run_event e WHERE e.run_id = hit.id AND e.type = 'decision' AND data->>'path' = '/'
         AND data->>'what' IN ('plan', 'replan')) made ON true
     ORDER BY rank DESC, finished_at DESC`,
    [goal, limit],
  );
}
