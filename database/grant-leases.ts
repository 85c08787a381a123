import { BrikkError } from '../contracts/errors.js';
import type { Tx } from './database.js';
import type { AwaitedRequest } from './deadlock-rules.js';
import { grantable } from './lease-rules.js';
import { type HeldLease, preemptions, type PreemptingRequest } from './preemption-rules.js';

/** A lease is over when its time is, and when its run has ended. */
export const LIVE_LEASE = `expires_at > clock_timestamp()
  AND NOT EXISTS (SELECT FROM run r WHERE r.id = resource_lease.run_id AND r.finished_at IS NOT NULL)`;

/**
 * Until the transaction ends nobody else changes leases of the organisation; what is over is gone. Taken after rows of
 * runs, never before them, so that nobody waits in a circle.
 */
export async function lockLeases(tx: Tx): Promise<void> {
  await Promise.all([
    tx(`SELECT pg_advisory_xact_lock(hashtextextended('resources ' || $1, 0))`, [tx.orgId]),
    tx(`DELETE FROM resource_lease WHERE NOT (${LIVE_LEASE})`),
  ]);
}

/** The queue as it stands after the grants, and what each resource can hold. */
export interface Standing {
  capacities: ReadonlyMap<string, number>;
  queue: QueuedRequest[];
}

interface QueuedRequest extends PreemptingRequest, AwaitedRequest {
  /** What a unit is worth to it, of the only resource that it then wants. */
  bidUsd: number;
}
type WaitingRow = Omit<QueuedRequest, 'needs'> & { needs: Record<string, number> };
type HeldRow = HeldLease & { hasNotice: boolean; isOfKey: boolean };

const TURN_KEYS = ['-coalesce(bid_usd, 0) / amount', 'priority', 'requested_at'];
/** By bid where a market decides, then by priority, then by age. */
export const TURN = [...TURN_KEYS, 'request_id'].join(', ');
/** The same of requests, which may want several resources. */
const TURN_OF_REQUEST = [...TURN_KEYS.map((key) => `min(${key})`), 'request_id'].join(', ');

/**
 * For what a lease is. The work on a call goes by its idempotency key, whoever leases for it; what a key names itself is
 * its own; a request that names nothing stands for itself.
 */
export const WORK = `CASE WHEN run_id IS NOT NULL THEN run_id || '/' || call_key
  WHEN work ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/' THEN work
  ELSE coalesce(key_id || ' ' || work, request_id::text) END`;

/** Gives those whose turn it is what they need; the caller holds the lock. */
export async function grantLeases(tx: Tx): Promise<Standing> {
  const [resources, held, waiting] = await Promise.all([
    tx<{ name: string; capacity: number; noticeMs: number | null }>(
      'SELECT name, capacity, notice_ms AS "noticeMs" FROM resource',
    ),
    tx<HeldRow>(
      `SELECT request_id AS id, resource, amount, priority, extract(epoch FROM granted_at)::float8 AS "grantedAt",
         preempted_by IS NOT NULL AS "hasNotice", run_id IS NULL AS "isOfKey"
       FROM resource_lease WHERE state = 'held'`,
    ),
    tx<WaitingRow>(
      `SELECT request_id AS id, min(${WORK}) AS work, json_object_agg(resource, amount) AS needs,
         min(priority) AS priority, max(coalesce(bid_usd, 0) / amount) AS "bidUsd",
         1000 * extract(epoch FROM min(requested_at))::float8 AS "requestedAt"
       FROM resource_lease WHERE state = 'waiting' GROUP BY request_id ORDER BY ${TURN_OF_REQUEST}`,
    ),
  ]);
  const capacities = new Map(resources.map(({ name, capacity }) => [name, capacity]));
  const all = waiting.map(({ needs, ...row }): QueuedRequest => ({ ...row, needs: new Map(Object.entries(needs)) }));
  const granted = new Set(grantable(capacities, sumOf(held), all));
  const queue = all.filter(({ id }) => !granted.has(id));
  if (granted.size > 0) await give(tx, [...granted], all, queue);
  const notices = new Map(resources.flatMap(({ name, noticeMs }) => (noticeMs === null ? [] : [[name, noticeMs]])));
  if (queue.length > 0 && notices.size > 0) {
    const now = all.filter(({ id }) => granted.has(id)).map(({ needs }) => needs);
    await giveNotice(tx, { capacities, notices, held, now, queue });
  }
  return { capacities, queue };
}

function sumOf(held: readonly { resource: string; amount: number }[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { resource, amount } of held) sums.set(resource, (sums.get(resource) ?? 0) + amount);
  return sums;
}

/** At one price for all: the highest bid for a unit that was not served. */
async function give(tx: Tx, granted: string[], all: QueuedRequest[], queue: QueuedRequest[]): Promise<void> {
  const prices = all.flatMap(({ id, needs, bidUsd }) => {
    if (bidUsd === 0 || !granted.includes(id)) return [];
    const losing = queue.filter((other) => [...needs.keys()].some((resource) => other.needs.has(resource)));
    const unitUsd = Math.max(0, ...losing.map((other) => other.bidUsd));
    return [...needs.values()].map((amount) => ({ id, price_usd: Math.min(unitUsd, bidUsd) * amount }));
  });
  await tx(
    `UPDATE resource_lease l SET state = 'held', granted_at = clock_timestamp(),
       expires_at = clock_timestamp() + ttl_ms * interval '1 ms',
       price_usd = (SELECT p.price_usd FROM json_to_recordset($2) AS p (id uuid, price_usd float8) WHERE p.id = l.request_id)
     WHERE request_id = ANY($1::uuid[])`,
    [granted, JSON.stringify(prices)],
  );
}

interface Pressed {
  capacities: ReadonlyMap<string, number>;
  notices: ReadonlyMap<string, number>;
  held: readonly HeldRow[];
  /** What has just been granted. */
  now: readonly ReadonlyMap<string, number>[];
  queue: QueuedRequest[];
}

/** Keys that hold what a higher priority waits for keep it until their notice is over; what calls hold ends with them. */
async function giveNotice(tx: Tx, { capacities, notices, held, now, queue }: Pressed): Promise<void> {
  const staying = sumOf([
    ...held.filter(({ hasNotice }) => !hasNotice),
    ...now.flatMap((needs) => [...needs].map(([resource, amount]) => ({ resource, amount }))),
  ]);
  const free = new Map([...capacities].map(([name, capacity]) => [name, capacity - (staying.get(name) ?? 0)]));
  const taken = held.filter(({ resource, hasNotice, isOfKey }) => isOfKey && !hasNotice && notices.has(resource));
  const servable = queue.filter(({ needs }) => [...needs].every(([name, n]) => n <= (capacities.get(name) ?? 0)));
  const ended = preemptions(free, taken, servable);
  if (ended.size === 0) return;
  const rows = taken
    .filter(({ id }) => ended.has(id))
    .map(({ id, resource }) => ({ id, by: ended.get(id), notice_ms: notices.get(resource) }));
  await tx(
    `UPDATE resource_lease l SET preempted_by = n.by,
       expires_at = least(expires_at, clock_timestamp() + n.notice_ms * interval '1 ms')
     FROM json_to_recordset($1) AS n (id uuid, by uuid, notice_ms float8) WHERE l.request_id = n.id`,
    [JSON.stringify(rows)],
  );
}

/** Units of the resources that there are, by name. */
export async function readCapacities(tx: Tx): Promise<Map<string, number>> {
  const rows = await tx<{ name: string; capacity: number }>('SELECT name, capacity FROM resource');
  return new Map(rows.map(({ name, capacity }) => [name, capacity]));
}

export const resourceNotFound = (name: string): BrikkError =>
  new BrikkError('resource.not_found', `There is no resource ${name}`);
