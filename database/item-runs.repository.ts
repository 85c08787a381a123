import type { Definition } from '../contracts/definition.js';
import { heardTypes } from '../contracts/heard-types.js';
import type { EndedItemRun, ItemRun, ItemRunActivities } from '../contracts/item-runs.js';
import type { StartableWorkflow } from '../contracts/run-workflow.js';
import { exchange } from './bulk-items.js';
import type { Database, Tx } from './database.js';
import { redeliver } from './event-deliveries.js';
import { subscribeRuns } from './event-listeners.js';
import { finishRun } from './finish-run.js';
import { findStartableRun } from './runs.repository.js';
import { uuidv7 } from './uuid.js';

type Exchange = Parameters<ItemRunActivities['exchangeRuns']>[0];

/** `ItemRunActivities.exchangeRuns` in Postgres. */
export async function exchangeRuns(
  database: Database,
  request: Exchange,
): ReturnType<ItemRunActivities['exchangeRuns']> {
  const { orgId, runId, bulkRunId, first, items, ended } = request;
  await finishUnsaid(database, orgId, ended);
  return database.inOrg(orgId, (tx) =>
    exchange(tx, request, {
      record: () => tx(RECORD, [bulkRunId, runId, ended.map(({ index }) => index), first, first + items]),
      take: () => takeRuns(tx, request),
    }),
  );
}

/** `ItemRunActivities.loadItemRun` in Postgres: one whose workflow was lost hears its events again. */
export async function loadItemRun(tx: Tx, runId: string, resumed: boolean): Promise<StartableWorkflow> {
  if (resumed) await redeliver(tx, runId);
  const { input } = await findStartableRun(tx, runId);
  return { ...(input as StartableWorkflow), resumed };
}

/** A workflow that was ended by force says nothing, and one that never began neither. */
async function finishUnsaid(database: Database, orgId: string, ended: EndedItemRun[]): Promise<void> {
  if (ended.length === 0) return;
  const open = await database.inOrg(orgId, (tx) =>
    tx<{ id: string }>('SELECT id FROM run WHERE id = ANY($1) AND finished_at IS NULL', [
      ended.map(({ runId }) => runId),
    ]),
  );
  const ids = new Set(open.map(({ id }) => id));
  for (const { runId, unsaid } of ended.filter((item) => ids.has(item.runId)))
    await finishRun(database, {
      orgId,
      runId,
      ...unsaid,
      ...(unsaid.status === 'failed' && { error: LOST }),
      degraded: false,
      rounds: 0,
      warnings: [],
      output: { inline: null },
      events: [],
    });
}

const LOST = { code: 'internal', message: 'The workflow ended before it could say how the run went' };

/** As their runs ended. Within the shard's bounds, as for items of patterns. */
const RECORD = `
  UPDATE bulk_item i SET status = r.status, termination_reason = r.termination_reason, output = r.output,
    output_ref = r.output_ref, error = r.error, degraded = r.degraded, warnings = r.warnings,
    finished_at = r.finished_at
  FROM run r
  WHERE i.run_id = $1 AND i.index = ANY($3) AND i.index >= $4 AND i.index < $5 AND i.finished_at IS NULL
    AND r.parent_run_id = $2 AND r.parent_key = 'items/' || i.index AND r.finished_at IS NOT NULL`;

/** By place, not by status: a repeat takes the same items again, with the runs that they have. */
async function takeRuns(tx: Tx, { orgId, runId, bulkRunId, first, items, next, limit }: Exchange): Promise<ItemRun[]> {
  if (limit <= 0) return [];
  const ids = Array.from({ length: Math.min(limit, first + items - next) }, () => uuidv7());
  const taken = await tx<ItemRun>(TAKE, [bulkRunId, next, first + items, ids, runId]);
  await subscribe(tx, orgId, runId, taken);
  return taken;
}

/**
 * What they share is in the row of their shard; no sweeper looks at them. They count as accepted with their bulk run,
 * which is what pins the workflows that they run.
 */
const TAKE = `
  WITH given AS (SELECT id, place FROM unnest($4::uuid[]) WITH ORDINALITY AS g (id, place)
  ), open AS MATERIALIZED (
    SELECT index, input, input_ref, row_number() OVER (ORDER BY index) AS place FROM bulk_item
    WHERE run_id = $1 AND index >= $2 AND index < $3 AND finished_at IS NULL
    ORDER BY index LIMIT cardinality($4::uuid[])
  ), wanted AS MATERIALIZED (
    SELECT open.*, coalesce(known.id, given.id) AS id, known.id IS NULL AS is_new FROM open JOIN given USING (place)
    LEFT JOIN run known ON known.parent_run_id = $5 AND known.parent_key = 'items/' || open.index
  ), runs AS (
    INSERT INTO run (id, kind, org_id, parent_run_id, parent_key, pattern, workflow, "with", input, input_ref, labels,
      priority, correlation_id, trace_id, traceparent, definition_hash, deadline_at, budget, next_check_at, accepted_at,
      last_position)
    SELECT w.id, 'item', s.org_id, s.id, 'items/' || w.index, s.pattern, s.workflow, 'null', w.input, w.input_ref, s.labels,
      s.priority, s.correlation_id, s.trace_id, s.traceparent, s.definition_hash, s.deadline_at, s."with"->'budget',
      'infinity', s.accepted_at, 1
    FROM wanted w, run s WHERE s.id = $5 AND w.is_new RETURNING id, org_id, workflow
  ), events AS (
    INSERT INTO run_event (org_id, run_id, position, key, at, type, data)
    SELECT org_id, id, 1, 'run/accepted', clock_timestamp(), 'run.accepted',
      json_build_object('pattern', 'workflow', 'workflow', workflow, 'parentRunId', $5::uuid) FROM runs
  ), started AS (
    UPDATE bulk_item i SET status = 'running', started_at = clock_timestamp()
    FROM wanted w WHERE i.run_id = $1 AND i.index >= $2 AND i.index < $3 AND i.index = w.index AND i.status = 'accepted'
  )
  SELECT index, id AS "runId" FROM wanted ORDER BY index`;

async function subscribe(tx: Tx, orgId: string, shardRunId: string, taken: ItemRun[]): Promise<void> {
  if (taken.length === 0) return;
  const [shard] = await tx<{ definition: Definition }>(
    `SELECT "with"->'definition' AS definition FROM run WHERE id = $1`,
    [shardRunId],
  );
  const types = shard ? heardTypes(shard.definition) : [];
  await subscribeRuns(
    tx,
    orgId,
    taken.map(({ runId }) => runId),
    types,
  );
}
