import { BrikkError } from '../contracts/errors.js';
import type { Page } from '../contracts/lists.js';
import type { LeaseRefusal } from '../contracts/needs.js';
import { PRIORITIES, type Priority } from '../contracts/priority.js';
import type { Lease, ListLeases, RenewLease, RequestLease } from '../contracts/resources.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import { grantLeases, LIVE_LEASE, lockLeases, resourceNotFound, TURN } from './grant-leases.js';
import { isUuid, uuidv7 } from './uuid.js';

export interface LeaseRow extends Pick<Lease, 'id' | 'resource' | 'state' | 'amount'> {
  priority: number;
  runId: string | null;
  callKey: string | null;
  keyId: string | null;
  requestedAt: Date;
  grantedAt: Date | null;
  expiresAt: Date;
  ttlMs: number;
  work: string | null;
  bidUsd: number | null;
  priceUsd: number | null;
  preemptedBy: string | null;
  refusal: LeaseRefusal | null;
}

const COLUMNS = `request_id AS id, resource, state, amount, priority, run_id AS "runId", call_key AS "callKey",
  key_id AS "keyId", requested_at AS "requestedAt", granted_at AS "grantedAt", expires_at AS "expiresAt",
  ttl_ms AS "ttlMs", work, bid_usd AS "bidUsd", price_usd AS "priceUsd", preempted_by AS "preemptedBy", refusal`;

/** Whoever asked for a lease by the API. */
export interface Holder {
  keyId: string;
  /** May end what others hold. */
  isOperator: boolean;
}

/**
 * Units for a key: held, or waiting for their turn where it may wait. Fails `resource.not_found`, `resource.insufficient`
 * beyond the capacity, `resource.busy` when they are not free and it may not wait, and `request.invalid` for a bid where no
 * market decides.
 */
export async function requestLease(
  tx: Tx,
  { orgId, keyId, resource }: { orgId: string; keyId: string; resource: string },
  { amount, priority, ttlMs, waitMs, work, bidUsd }: RequestLease,
): Promise<Lease> {
  const id = uuidv7();
  await lockLeases(tx);
  if (bidUsd !== undefined) await checkMarket(tx, resource);
  await tx(
    `INSERT INTO resource_lease (org_id, request_id, resource, amount, priority, key_id, ttl_ms, requested_at, expires_at,
       work, bid_usd)
     SELECT $1, $2, $3, $4, $5, $6, $7, now.at, now.at + $8 * interval '1 ms', $9, $10
     FROM (SELECT clock_timestamp() AS at) now`,
    [orgId, id, resource, amount, PRIORITIES[priority], keyId, ttlMs, waitMs, work ?? null, bidUsd ?? null],
  );
  const { capacities } = await grantLeases(tx);
  const capacity = capacities.get(resource);
  if (capacity === undefined) throw resourceNotFound(resource);
  if (amount > capacity) throw insufficient(resource, { amount, capacity });
  const lease = show((await findLease(tx, resource, id)) as LeaseRow);
  if (lease.state === 'waiting' && waitMs === 0)
    throw new BrikkError(
      'resource.busy',
      `${resource} has not enough free for ${amount}; let the request wait with waitMs`,
    );
  return lease;
}

/** As it stands now: one that waits gets its turn when it is due. Fails `lease.not_found`. */
export async function readLease(tx: Tx, resource: string, id: string): Promise<Lease> {
  await lockLeases(tx);
  await grantLeases(tx);
  return show(await liveLease(tx, resource, id));
}

/** Those that hold first, then those that wait, in the order of their turns. Fails `resource.not_found`. */
export async function listLeases(tx: Tx, resource: string, { limit, cursor, state }: ListLeases): Promise<Page<Lease>> {
  const [known] = await tx('SELECT name FROM resource WHERE name = $1', [resource]);
  if (!known) throw resourceNotFound(resource);
  const after = cursor === undefined ? null : decodeCursor(cursor, isUuid);
  const turn = `array_position('{held,waiting}', state), ${TURN}`;
  const rows = await tx<LeaseRow>(
    `SELECT ${COLUMNS} FROM resource_lease WHERE resource = $1 AND ${LIVE_LEASE} AND ($2::text IS NULL OR state = $2)
       AND ($3::uuid IS NULL OR (${turn}) > (SELECT ${turn} FROM resource_lease WHERE resource = $1 AND request_id = $3))
     ORDER BY ${turn} LIMIT $4`,
    [resource, state ?? null, after, limit + 1],
  );
  return toPage(rows, limit, ({ id }) => id, show);
}

/**
 * Fails `lease.not_found`, also once it is over, `lease.not_yours`, `lease.preempted` while a higher priority waits for it,
 * and `resource.deadlock` for a request that never gets its turn.
 */
export async function renewLease(
  tx: Tx,
  { resource, id, holder }: { resource: string; id: string; holder: Holder },
  { ttlMs }: RenewLease,
): Promise<Lease> {
  await lockLeases(tx);
  const lease = await liveLease(tx, resource, id);
  ownedBy(lease, { ...holder, isOperator: false });
  if (lease.state === 'refused')
    throw new BrikkError(
      'resource.deadlock',
      'It waits for somebody who waits for it: release what it holds, ask again',
    );
  if (await isPreempted(tx, lease))
    throw new BrikkError('lease.preempted', 'A request of higher priority waits for it');
  await tx(
    `UPDATE resource_lease SET ttl_ms = $3, preempted_by = NULL, expires_at = CASE state WHEN 'held'
       THEN clock_timestamp() + $3 * interval '1 ms' ELSE greatest(expires_at, clock_timestamp() + $3 * interval '1 ms') END
     WHERE resource = $1 AND request_id = $2`,
    [resource, id, ttlMs],
  );
  return show(await liveLease(tx, resource, id));
}

/** Whoever is next gets its turn. Fails `lease.not_found`, `lease.not_yours` for what another key or a run holds. */
export async function releaseLease(
  tx: Tx,
  { resource, id, holder }: { resource: string; id: string; holder: Holder },
): Promise<void> {
  await lockLeases(tx);
  ownedBy(await liveLease(tx, resource, id), holder);
  await tx('DELETE FROM resource_lease WHERE resource = $1 AND request_id = $2', [resource, id]);
  await grantLeases(tx);
}

async function isPreempted(tx: Tx, { preemptedBy }: LeaseRow): Promise<boolean> {
  if (preemptedBy === null) return false;
  const waiting = await tx(`SELECT FROM resource_lease WHERE request_id = $1 AND state = 'waiting'`, [preemptedBy]);
  return waiting.length > 0;
}

async function checkMarket(tx: Tx, resource: string): Promise<void> {
  const [known] = await tx<{ grantBy: string }>('SELECT grant_by AS "grantBy" FROM resource WHERE name = $1', [
    resource,
  ]);
  if (known?.grantBy !== 'priority') return;
  throw new BrikkError('request.invalid', `No market decides whose turn it is for ${resource}`, {
    violations: [{ path: 'bidUsd', message: 'is for resources with grantBy: market' }],
  });
}

export const findLease = async (tx: Tx, resource: string, id: string): Promise<LeaseRow | undefined> => {
  const where = 'resource = $1 AND request_id = $2';
  return (await tx<LeaseRow>(`SELECT ${COLUMNS} FROM resource_lease WHERE ${where}`, [resource, id]))[0];
};

export async function liveLease(tx: Tx, resource: string, id: string): Promise<LeaseRow> {
  const row = await findLease(tx, resource, id);
  if (row) return row;
  throw new BrikkError('lease.not_found', `There is no lease ${id} of ${resource}; it may be over`);
}

function ownedBy({ runId, keyId }: LeaseRow, holder: Holder): void {
  if (runId !== null)
    throw new BrikkError('lease.not_yours', `Run ${runId} holds it until its call is over; cancel the run instead`);
  if (keyId !== holder.keyId && !holder.isOperator)
    throw new BrikkError('lease.not_yours', 'Another API key asked for this lease');
}

const insufficient = (resource: string, { amount, capacity }: { amount: number; capacity: number }): BrikkError =>
  new BrikkError('resource.insufficient', `${resource} has ${capacity}, ${amount} were asked for`, {
    violations: [{ path: 'amount', message: 'is more than there is', allowed: { max: capacity } }],
  });

const NAMES = Object.fromEntries(Object.entries(PRIORITIES).map(([name, rank]) => [rank, name as Priority]));

function show({ priority, runId, callKey, keyId, requestedAt, grantedAt, expiresAt, ...row }: LeaseRow): Lease {
  const { id, resource, state, amount, work, bidUsd, priceUsd, preemptedBy, refusal } = row;
  return {
    id,
    resource,
    state,
    amount,
    ...(work !== null && { work }),
    ...(bidUsd !== null && { bidUsd }),
    ...(priceUsd !== null && { priceUsd }),
    ...(preemptedBy !== null && { preemptedBy }),
    ...(refusal !== null && { refusal }),
    priority: NAMES[priority] ?? 'normal',
    holder: runId === null ? { type: 'api-key', id: keyId ?? '' } : { type: 'run', runId, callKey: callKey ?? '' },
    requestedAt: requestedAt.toISOString(),
    grantedAt: grantedAt?.toISOString() ?? null,
    expiresAt: expiresAt.toISOString(),
  };
}
