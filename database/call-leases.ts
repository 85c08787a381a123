import type { LeaseAnswer, LeaseRefusal, LeaseRequest } from '../contracts/needs.js';
import { PRIORITIES } from '../contracts/priority.js';
import type { Tx } from './database.js';
import { grantLeases, lockLeases, readCapacities } from './grant-leases.js';
import { aheadOf } from './lease-rules.js';
import { uuidv7 } from './uuid.js';

/**
 * How long the place of a call in the queue is kept until it asks again; so long, too, what it gets in between is kept
 * for it. Longer than any pause between two askings.
 */
const KEPT_MS = 15_000;

/**
 * What calls need, leased until they are over. A call that asks again keeps what it holds and its place in the queue: so
 * the repeat of one whose worker died takes its lease over, and nothing is leased twice.
 */
export async function askLeases(tx: Tx, orgId: string, requests: LeaseRequest[]): Promise<LeaseAnswer[]> {
  const [, known] = await Promise.all([lockLeases(tx), readCapacities(tx)]);
  const refusals = requests.map((request) => refusalOf(request, known));
  const asking = requests.filter((_, place) => !refusals[place]);
  await upsert(tx, orgId, asking);
  const { queue } = await grantLeases(tx);
  const standing = await claim(tx, asking);
  return requests.map((request, place): LeaseAnswer => {
    const refusal = refusals[place];
    if (refusal) return refusal;
    const { id, isHeld, waitedMs, refused } = standing.get(idOf(request)) as Claimed;
    if (refused !== null) return { state: 'deadlocked', refusal: refused };
    return isHeld ? { state: 'held', waitedMs } : { state: 'waiting', waitedMs, ahead: aheadOf(queue, id) };
  });
}

/** In the transaction that journals the calls: what they held is free, or what they waited for. */
export async function releaseLeases(tx: Tx, calls: { runId: string; key: string }[]): Promise<void> {
  await Promise.all([
    lockLeases(tx),
    tx(
      `DELETE FROM resource_lease l USING json_to_recordset($1) AS c (run_id uuid, key text)
       WHERE l.run_id = c.run_id AND l.call_key = c.key`,
      [JSON.stringify(calls.map(({ runId, key }) => ({ run_id: runId, key })))],
    ),
  ]);
}

function refusalOf({ needs }: LeaseRequest, known: ReadonlyMap<string, number>): LeaseAnswer | undefined {
  for (const [resource, amount] of Object.entries(needs)) {
    const capacity = known.get(resource) ?? null;
    if (capacity === null || amount > capacity) return { state: 'refused', resource, capacity };
  }
  return undefined;
}

async function upsert(tx: Tx, orgId: string, requests: LeaseRequest[]): Promise<void> {
  if (requests.length === 0) return;
  // Of one moment: their ids keep them in their order.
  const ids = requests.map(() => uuidv7()).toSorted();
  const rows = requests.flatMap(({ runId, callKey, needs, priority, leftMs }, place) => {
    const id = ids[place];
    return Object.entries(needs).map(([resource, amount]) => ({
      id,
      resource,
      amount,
      priority: PRIORITIES[priority],
      run_id: runId,
      call_key: callKey,
      kept_ms: Math.min(leftMs, KEPT_MS),
    }));
  });
  await tx(
    `INSERT INTO resource_lease (org_id, request_id, resource, amount, priority, run_id, call_key, ttl_ms, requested_at,
       expires_at)
     SELECT $1, id, resource, amount, priority, run_id, call_key, kept_ms, now.at, now.at + kept_ms * interval '1 ms'
     FROM json_to_recordset($2) AS r (id uuid, resource text, amount int, priority int, run_id uuid, call_key text,
       kept_ms float8), (SELECT clock_timestamp() AS at) now
     ON CONFLICT (run_id, call_key, resource) WHERE run_id IS NOT NULL
     DO UPDATE SET expires_at = greatest(resource_lease.expires_at, excluded.expires_at)`,
    [orgId, JSON.stringify(rows)],
  );
}

interface Claimed {
  /** Of the request. */
  id: string;
  isHeld: boolean;
  waitedMs: number;
  refused: LeaseRefusal | null;
}

/** What those that ask hold is theirs until their end. */
async function claim(tx: Tx, requests: LeaseRequest[]): Promise<Map<string, Claimed>> {
  const rows = requests.map(({ runId, callKey, leftMs }) => ({ run_id: runId, call_key: callKey, left_ms: leftMs }));
  const asked = 'json_to_recordset($1) AS a (run_id uuid, call_key text, left_ms float8)';
  const json = JSON.stringify(rows);
  const [, standing] = await Promise.all([
    tx(
      `UPDATE resource_lease l SET expires_at = clock_timestamp() + a.left_ms * interval '1 ms' FROM ${asked}
       WHERE l.run_id = a.run_id AND l.call_key = a.call_key AND l.state = 'held'`,
      [json],
    ),
    tx<Claimed & { runId: string; callKey: string }>(
      `SELECT l.run_id AS "runId", l.call_key AS "callKey", min(l.request_id::text) AS id, bool_and(l.state = 'held') AS "isHeld",
         (array_agg(l.refusal) FILTER (WHERE l.refusal IS NOT NULL))[1] AS refused,
         1000 * max(extract(epoch FROM coalesce(l.granted_at, clock_timestamp()) - l.requested_at))::float8 AS "waitedMs"
       FROM resource_lease l JOIN ${asked} ON l.run_id = a.run_id AND l.call_key = a.call_key
       GROUP BY l.run_id, l.call_key`,
      [json],
    ),
  ]);
  return new Map(standing.map((row) => [idOf(row), row]));
}

const idOf = ({ runId, callKey }: { runId: string; callKey: string }): string => `${runId} ${callKey}`;
