import { removePushEndpoints } from './a2a-push.repository.js';
import type { Database, Tx } from './database.js';

const AT_ONCE = 100;
const MOST_AT_A_TIME = 50;

/** Tables by the column that names the run. What was learned of agents and the audit stay, and events of the bus go by their own time. */
export const OF_RUNS = {
  run_event: 'run_id',
  call_journal: 'run_id',
  payload: 'run_id',
  bulk_shard: 'run_id',
  bulk_item: 'run_id',
  approval: 'run_id',
  budget_ledger: 'run_id',
  budget_reservation: 'run_id',
  run_feedback: 'run_id',
  pending_call: 'run_id',
  resource_lease: 'run_id',
  selection_choice: 'run_id',
  connector_call: 'run_id',
  connection_queue: 'run_id',
  consolidated_call: 'run_id',
  llm_turn: 'run_id',
  a2a_task: 'run_id',
  bus_subscription: 'listener_id',
  bus_delivery: 'listener_id',
  bus_listener: 'id',
} as const;

/**
 * Deletes the runs whose time after their end is over, with all that is on record of them. A run below one that goes on
 * stays, and so does one whose events the bus still has to take. Answers how many went.
 */
export async function deleteOldRuns(database: Database): Promise<number> {
  let deleted = 0;
  for (let turn = 0; turn < MOST_AT_A_TIME; turn += 1) {
    const due = await database.asDispatch((tx) =>
      tx<{ id: string; orgId: string }>(
        `SELECT id, org_id AS "orgId" FROM run r WHERE delete_at <= now()
           AND NOT EXISTS (SELECT FROM run p WHERE p.id = r.parent_run_id AND p.finished_at IS NULL)
           AND NOT EXISTS (SELECT FROM bus_outbox o WHERE o.run_id = r.id)
         ORDER BY delete_at LIMIT ${AT_ONCE}`,
      ),
    );
    for (const orgId of new Set(due.map((run) => run.orgId))) {
      const ids = due.filter((run) => run.orgId === orgId).map(({ id }) => id);
      await database.inOrg(orgId, (tx) => deleteRuns(tx, ids));
    }
    deleted += due.length;
    if (due.length < AT_ONCE) break;
  }
  return deleted;
}

async function deleteRuns(tx: Tx, dueIds: string[]): Promise<void> {
  const ids = [...dueIds, ...(await partsOf(tx, dueIds))];
  await handOver(tx, ids);
  await removePushEndpoints(tx, ids);
  for (const [table, column] of Object.entries(OF_RUNS))
    await tx(`DELETE FROM ${table} WHERE ${column} = ANY($1)`, [ids]);
  await tx(`DELETE FROM memory_entry WHERE scope = 'run' AND scope_id = ANY($1::text[])`, [ids]);
  await tx('DELETE FROM run WHERE id = ANY($1)', [ids]);
}

/** Shards and items go with their bulk run: their time is over with its. */
async function partsOf(tx: Tx, ids: string[]): Promise<string[]> {
  const parts = await tx<{ id: string }>(
    `WITH shards AS (SELECT shard_run_id AS id, run_id FROM bulk_shard WHERE run_id = ANY($1)),
     parts AS (
       SELECT id, run_id FROM shards
       UNION ALL SELECT item.id, shards.run_id FROM shards JOIN run item ON item.parent_run_id = shards.id
         WHERE item.kind = 'item'
     )
     UPDATE run part SET delete_at = bulk.delete_at FROM parts JOIN run bulk ON bulk.id = parts.run_id
     WHERE part.id = parts.id RETURNING part.id`,
    [ids],
  );
  return parts.map(({ id }) => id);
}

/** Values that other runs have, too (a rerun, the run around it), are theirs from now on. */
async function handOver(tx: Tx, ids: string[]): Promise<void> {
  await tx(
    `UPDATE payload p SET run_id = heir.id FROM (
       SELECT id AS payload, coalesce(
         (SELECT r.id FROM run r WHERE r.output_ref = own.id AND r.id <> ALL($1) LIMIT 1),
         (SELECT r.id FROM run r WHERE r.input_ref = own.id AND r.id <> ALL($1) LIMIT 1),
         (SELECT j.run_id FROM call_journal j WHERE j.payload_ref = own.id AND j.run_id <> ALL($1) LIMIT 1)) AS id
       FROM payload own WHERE own.run_id = ANY($1)) heir
     WHERE p.id = heir.payload AND heir.id IS NOT NULL`,
    [ids],
  );
}
