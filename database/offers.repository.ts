import { BrikkError } from '../contracts/errors.js';
import type { Page } from '../contracts/lists.js';
import type { CounterOffer, ListOffers, MakeOffer, Offer, OfferedTerms, OfferParty } from '../contracts/offers.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import { grantLeases, LIVE_LEASE, lockLeases, resourceNotFound } from './grant-leases.js';
import { findLease, type Holder, liveLease, type LeaseRow } from './leases.repository.js';
import { isUuid, uuidv7 } from './uuid.js';

/** Where two do not come to terms. */
const MOST_ROUNDS = 20;

interface OfferRow {
  id: string;
  resource: string;
  leaseId: string;
  requestId: string;
  giver: string;
  taker: string;
  state: Offer['state'];
  turn: OfferParty;
  terms: OfferedTerms[];
  createdAt: Date;
  updatedAt: Date;
  expiresAt: Date;
}

/** Of one that is open still the time and both sides decide. */
const STATE = `CASE WHEN o.state = 'open' AND (o.expires_at <= clock_timestamp()
  OR NOT EXISTS (SELECT FROM resource_lease WHERE request_id = o.lease_id AND state = 'held' AND ${LIVE_LEASE})
  OR NOT EXISTS (SELECT FROM resource_lease WHERE request_id = o.request_id AND state = 'waiting' AND ${LIVE_LEASE}))
  THEN 'expired' ELSE o.state END`;
const OFFERS = `SELECT o.id, o.resource, o.lease_id AS "leaseId", o.request_id AS "requestId", o.giver_key_id AS giver,
    o.taker_key_id AS taker, o.state, o.turn, o.terms, o.created_at AS "createdAt", o.updated_at AS "updatedAt",
    o.expires_at AS "expiresAt"
  FROM (SELECT id, org_id, resource, lease_id, request_id, giver_key_id, taker_key_id, ${STATE} AS state, turn, terms,
    created_at, updated_at, expires_at FROM resource_offer o) o`;

/** The offer as it stands, where a caller finds it. */
export interface OfferInPath {
  resource: string;
  id: string;
  holder: Holder;
}

/**
 * Proposes to the other side that units of a lease go to a request that waits: the holder offers them, or who waits asks
 * for them. Fails `resource.not_found`, `lease.not_yours` for a caller who is neither of them and for what runs hold,
 * `lease.preempted` for units that a higher priority gets, and `request.invalid`.
 */
export async function makeOffer(
  tx: Tx,
  { orgId, resource, holder }: Omit<OfferInPath, 'id'> & { orgId: string },
  { leaseId, requestId, validForMs, ...wish }: MakeOffer,
): Promise<Offer> {
  await lockLeases(tx);
  const [known] = await tx('SELECT FROM resource WHERE name = $1', [resource]);
  if (!known) throw resourceNotFound(resource);
  const lease = await leaseIn(tx, resource, { path: 'leaseId', id: leaseId, state: 'held' });
  const request = await leaseIn(tx, resource, { path: 'requestId', id: requestId, state: 'waiting' });
  const by = partyOf({ giver: ofKey(lease), taker: ofKey(request) }, holder);
  const terms = { amount: request.amount, ttlMs: request.ttlMs, ...wish, by, at: new Date().toISOString() };
  checkUnits(lease, terms);
  const id = uuidv7();
  await tx(`DELETE FROM resource_offer WHERE expires_at < clock_timestamp() - interval '1 day'`);
  await tx(
    `INSERT INTO resource_offer (org_id, id, resource, lease_id, request_id, giver_key_id, taker_key_id, turn, terms,
       expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() + $10 * interval '1 ms')`,
    [
      orgId,
      id,
      resource,
      leaseId,
      requestId,
      lease.keyId,
      request.keyId,
      other(by),
      JSON.stringify([terms]),
      validForMs,
    ],
  );
  return readOffer(tx, { resource, id });
}

/** Fails `offer.not_found`. */
export async function readOffer(tx: Tx, path: Pick<OfferInPath, 'resource' | 'id'>): Promise<Offer> {
  return show(await findOffer(tx, path));
}

/** The newest first. Fails `resource.not_found`. */
export async function listOffers(tx: Tx, resource: string, { limit, cursor, state }: ListOffers): Promise<Page<Offer>> {
  const [known] = await tx('SELECT FROM resource WHERE name = $1', [resource]);
  if (!known) throw resourceNotFound(resource);
  const after = cursor === undefined ? null : decodeCursor(cursor, isUuid);
  const rows = await tx<OfferRow>(
    `${OFFERS} WHERE resource = $1 AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR id < $3)
     ORDER BY id DESC LIMIT $4`,
    [resource, state ?? null, after, limit + 1],
  );
  return toPage(rows, limit, ({ id }) => id, show);
}

/**
 * The units change hands at once: never more of them than before, whatever stands in the queue. Fails `offer.not_found`,
 * `offer.closed`, `offer.not_your_turn`, `lease.preempted`, and `request.invalid` when the giver has fewer by now.
 */
export async function acceptOffer(tx: Tx, path: OfferInPath): Promise<Offer> {
  const { offer, lease } = await answering(tx, path);
  const { amount, ttlMs, priceUsd } = newest(offer);
  checkUnits(lease, { amount });
  await tx('UPDATE resource_lease SET amount = amount - $2 WHERE request_id = $1 AND amount > $2', [lease.id, amount]);
  if (lease.amount === amount) await tx('DELETE FROM resource_lease WHERE request_id = $1', [lease.id]);
  await tx(
    `UPDATE resource_lease SET state = 'held', amount = $2, ttl_ms = $3, price_usd = $4, granted_at = clock_timestamp(),
       expires_at = clock_timestamp() + $3 * interval '1 ms' WHERE request_id = $1`,
    [offer.requestId, amount, ttlMs, priceUsd ?? null],
  );
  await tx(`UPDATE resource_offer SET state = 'accepted', updated_at = clock_timestamp() WHERE id = $1`, [offer.id]);
  await grantLeases(tx);
  return readOffer(tx, path);
}

/** Other terms; the other side has to answer now. Fails as `acceptOffer`, and after 20 rounds. */
export async function counterOffer(tx: Tx, path: OfferInPath, { validForMs, ...wish }: CounterOffer): Promise<Offer> {
  const { offer, lease } = await answering(tx, path);
  if (offer.terms.length >= MOST_ROUNDS)
    throw new BrikkError('offer.closed', `After ${MOST_ROUNDS} proposals it can only be accepted or rejected`);
  const { note: _note, ...before } = newest(offer);
  const terms = { ...before, ...wish, by: offer.turn, at: new Date().toISOString() };
  checkUnits(lease, terms);
  await tx(
    `UPDATE resource_offer SET turn = $2, terms = $3, updated_at = clock_timestamp(),
       expires_at = clock_timestamp() + $4 * interval '1 ms' WHERE id = $1`,
    [offer.id, other(offer.turn), JSON.stringify([...offer.terms, terms]), validForMs],
  );
  return readOffer(tx, path);
}

/** By the side whose answer is due it is rejected, by the other withdrawn. Fails `offer.not_found`, `offer.closed`. */
export async function rejectOffer(tx: Tx, path: OfferInPath): Promise<Offer> {
  await lockLeases(tx);
  const offer = await openOffer(tx, path);
  const state = partyOf(offer, path.holder) === offer.turn ? 'rejected' : 'withdrawn';
  await tx('UPDATE resource_offer SET state = $2, updated_at = clock_timestamp() WHERE id = $1', [offer.id, state]);
  return readOffer(tx, path);
}

async function answering(tx: Tx, path: OfferInPath): Promise<{ offer: OfferRow; lease: LeaseRow }> {
  await lockLeases(tx);
  const offer = await openOffer(tx, path);
  const { giver, taker, turn } = offer;
  // One key may be on both sides: then it answers itself.
  if (giver !== taker && partyOf(offer, path.holder) !== turn)
    throw new BrikkError('offer.not_your_turn', `The ${turn} has to answer it`);
  return { offer, lease: await liveLease(tx, offer.resource, offer.leaseId) };
}

async function openOffer(tx: Tx, path: OfferInPath): Promise<OfferRow> {
  const offer = await findOffer(tx, path);
  if (offer.state !== 'open') throw new BrikkError('offer.closed', `It is ${offer.state}`);
  return offer;
}

async function findOffer(tx: Tx, { resource, id }: Pick<OfferInPath, 'resource' | 'id'>): Promise<OfferRow> {
  const [row] = await tx<OfferRow>(`${OFFERS} WHERE resource = $1 AND id = $2`, [resource, id]);
  if (!row) throw new BrikkError('offer.not_found', `There is no offer ${id} of ${resource}`);
  return row;
}

async function leaseIn(
  tx: Tx,
  resource: string,
  { path, id, state }: { path: string; id: string; state: 'held' | 'waiting' },
): Promise<LeaseRow> {
  const lease = isUuid(id) ? await findLease(tx, resource, id) : undefined;
  if (lease?.state === state) return lease;
  throw new BrikkError('request.invalid', `Nothing of ${resource} can change hands`, {
    violations: [{ path, message: state === 'held' ? 'must be a lease that is held' : 'must be a request that waits' }],
  });
}

function ofKey({ runId, keyId }: LeaseRow): string {
  if (runId === null) return keyId ?? '';
  throw new BrikkError('lease.not_yours', `A call of run ${runId} has it or waits for it; calls do not negotiate`);
}

function partyOf({ giver, taker }: { giver: string; taker: string }, { keyId }: Holder): OfferParty {
  if (keyId === giver) return 'giver';
  if (keyId === taker) return 'taker';
  throw new BrikkError('lease.not_yours', 'Only those who hold the lease or wait with the request propose terms');
}

function checkUnits({ amount: held, preemptedBy }: LeaseRow, { amount }: { amount: number }): void {
  if (preemptedBy !== null) throw new BrikkError('lease.preempted', 'A request of higher priority gets these units');
  if (amount <= held) return;
  throw new BrikkError('request.invalid', `The giver holds ${held}, ${amount} are to change hands`, {
    violations: [{ path: 'amount', message: 'is more than the giver holds', allowed: { max: held } }],
  });
}

const newest = ({ terms }: OfferRow): OfferedTerms => terms.at(-1) as OfferedTerms;
const other = (party: OfferParty): OfferParty => (party === 'giver' ? 'taker' : 'giver');

const show = ({ createdAt, updatedAt, expiresAt, turn, ...row }: OfferRow): Offer => ({
  ...row,
  turn: row.state === 'open' ? turn : null,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
});
