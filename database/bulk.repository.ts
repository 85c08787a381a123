import { SHARD_ITEMS } from '../contracts/bulk.js';
import type { EventData } from '../contracts/events.js';
import { type BulkInput, type BulkShard } from '../contracts/run-workflow.js';
import { type AcceptableBulk, itemParameters } from '../contracts/start-bulk.js';
import { CLAIM_CHECK_BYTES } from '../contracts/values.js';
import type { Tx } from './database.js';
import type { StartableRun } from './start-run-workflow.js';
import { uuidv7 } from './uuid.js';
import { workflowName } from './workflow-name.js';

export interface NewBulk {
  id: string;
  orgId: string;
  start: AcceptableBulk;
  /** The bulk run that it repeats. */
  parentRunId?: string;
  traceparent?: string;
  traceId?: string;
  definitionHash: string;
  /** Milliseconds since the epoch. */
  deadlineAt: number;
}

/** What one statement carries of inputs. */
const CHUNK_ITEMS = 1_000;
const CHUNK_BYTES = 4 * 1_024 * 1_024;

/**
 * The bulk run, its shards and all of its items exist when the transaction commits, each run with `run.accepted` at
 * position 1. Only the workflow of the bulk run starts those of its shards: no sweeper looks at them.
 */
export async function acceptBulk(tx: Tx, bulk: NewBulk): Promise<StartableRun> {
  const { id, orgId, start, parentRunId, traceparent, deadlineAt } = bulk;
  const { pattern, priority, correlationId, inputs, maxConcurrency } = start;
  const budget = 'budget' in start ? start.budget : undefined;
  const workflow = workflowName(start);
  const shards = shardsOf(inputs.length);
  await tx(
    `WITH given AS (SELECT * FROM json_to_recordset($3) AS s (shard int, "runId" uuid, first int, items int)),
     runs AS (
       INSERT INTO run (id, kind, parent_run_id, max_concurrency, next_check_at, org_id, pattern, "with", input, labels,
         priority, correlation_id, trace_id, traceparent, definition_hash, deadline_at, budget, workflow, retention_ms,
         last_position)
       SELECT r.id, r.kind, r.parent, r.max, r.check_at, $2, $5, $6, 'null', $7, $8, $9, $10, $11, $12, $13, r.budget, $18,
         r.retention, 1
       FROM (SELECT $1::uuid AS id, 'bulk' AS kind, $16::uuid AS parent, $4::int AS max, now() AS check_at, $17::json AS budget,
           $19::float8 AS retention
         UNION ALL SELECT "runId", 'shard', $1, NULL, 'infinity', NULL, NULL FROM given) r
       RETURNING id),
     shards AS (
       INSERT INTO bulk_shard (run_id, shard, org_id, shard_run_id, first_item, items, counts)
       SELECT $1, shard, $2, "runId", first, items, json_build_object('accepted', items) FROM given)
     INSERT INTO run_event (org_id, run_id, position, key, at, type, data)
     SELECT $2, id, 1, 'run/accepted', clock_timestamp(), 'run.accepted',
       CASE WHEN id = $1 THEN $14::json ELSE $15::json END FROM runs`,
    [
      id,
      orgId,
      JSON.stringify(shards.map((shard, place) => ({ shard: place, ...shard }))),
      maxConcurrency,
      pattern,
      JSON.stringify(start.with),
      JSON.stringify(start.labels),
      priority,
      correlationId ?? null,
      bulk.traceId ?? null,
      traceparent ?? null,
      bulk.definitionHash,
      new Date(deadlineAt),
      JSON.stringify({
        pattern,
        workflow,
        ...(parentRunId === undefined ? {} : { parentRunId }),
      } satisfies EventData['run.accepted']),
      JSON.stringify({ pattern, workflow, parentRunId: id } satisfies EventData['run.accepted']),
      parentRunId ?? null,
      budget === undefined ? null : JSON.stringify(budget),
      workflow ?? null,
      start.pattern === 'workflow' ? (start.retentionMs ?? null) : null,
    ],
  );
  await insertItems(tx, bulk);
  const input: BulkInput = {
    orgId,
    runId: id,
    pattern,
    with: itemParameters(start),
    shards,
    maxConcurrency,
    deadlineAt,
    priority,
    ...(budget === undefined ? {} : { budget }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    resumed: false,
  };
  return { pattern: 'bulk', input };
}

function shardsOf(items: number): BulkShard[] {
  return Array.from({ length: Math.ceil(items / SHARD_ITEMS) }, (_, shard) => {
    const first = shard * SHARD_ITEMS;
    return { runId: uuidv7(), first, items: Math.min(SHARD_ITEMS, items - first) };
  });
}

/** In the row when small, otherwise by reference. */
async function insertItems(tx: Tx, { id, orgId, start }: NewBulk): Promise<void> {
  let chunk: ItemsChunk = emptyChunk(0);
  for (const [index, input] of start.inputs.entries()) {
    const json = JSON.stringify(input);
    const bytes = Buffer.byteLength(json);
    if (chunk.inputs.length >= CHUNK_ITEMS || chunk.bytes + bytes > CHUNK_BYTES) {
      await insertChunk(tx, id, orgId, chunk);
      chunk = emptyChunk(index);
    }
    chunk.bytes += bytes;
    const isLarge = bytes > CLAIM_CHECK_BYTES;
    const ref = isLarge ? uuidv7() : null;
    chunk.inputs.push(isLarge ? null : json);
    chunk.refs.push(ref);
    if (ref !== null) chunk.payloads.push({ ref, bytes, json });
  }
  await insertChunk(tx, id, orgId, chunk);
}

interface ItemsChunk {
  first: number;
  bytes: number;
  inputs: (string | null)[];
  refs: (string | null)[];
  payloads: { ref: string; bytes: number; json: string }[];
}
const emptyChunk = (first: number): ItemsChunk => ({ first, bytes: 0, inputs: [], refs: [], payloads: [] });

async function insertChunk(tx: Tx, runId: string, orgId: string, chunk: ItemsChunk): Promise<void> {
  const { first, inputs, refs, payloads } = chunk;
  await Promise.all([
    tx(
      `INSERT INTO bulk_item (run_id, index, org_id, input, input_ref)
       SELECT $1, $3 + place - 1, $2, input::json, ref
       FROM unnest($4::text[], $5::uuid[]) WITH ORDINALITY AS i (input, ref, place)`,
      [runId, orgId, first, inputs, refs],
    ),
    ...(payloads.length === 0
      ? []
      : [
          tx(
            `INSERT INTO payload (id, org_id, run_id, bytes, content)
             SELECT ref, $2, $1, bytes, content::json FROM unnest($3::uuid[], $4::int[], $5::text[]) AS p (ref, bytes, content)`,
            [
              runId,
              orgId,
              payloads.map(({ ref }) => ref),
              payloads.map(({ bytes }) => bytes),
              payloads.map(({ json }) => json),
            ],
          ),
        ]),
  ]);
}

/** The shards of a bulk run in their order. */
export async function findShards(tx: Tx, runId: string): Promise<BulkShard[]> {
  return tx<BulkShard>(
    `SELECT shard_run_id AS "runId", first_item AS first, items FROM bulk_shard WHERE run_id = $1 ORDER BY shard`,
    [runId],
  );
}
