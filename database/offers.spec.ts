import { describe, expect, it } from '@jest/globals';
import { BrikkError } from '../contracts/errors.js';
import { holder, LeaseHouse } from '../test/support/lease-house.js';
import { asOwner } from '../test/support/postgres.js';
import { acceptedRun } from '../test/support/runs.js';
import { askLeases } from './call-leases.js';
import { acceptOffer, counterOffer, listOffers, makeOffer, readOffer, rejectOffer } from './offers.repository.js';

const house = new LeaseHouse('offers');
const { put, ask, read, release, use } = house;
describe('offers', () => {
  const place = (keyId: string) => ({ orgId: house.orgId, resource: 'gpu', holder: holder(keyId) });
  const made = (keyId: string, leaseId: string, requestId: string, terms: object = {}) =>
    house.test.database.inOrg(house.orgId, (tx) =>
      makeOffer(tx, place(keyId), { leaseId, requestId, validForMs: 60_000, ...terms }),
    );
  const accept = (keyId: string, id: string) =>
    house.test.database.inOrg(house.orgId, (tx) => acceptOffer(tx, { ...place(keyId), id }));
  const counter = (keyId: string, id: string, terms: object) =>
    house.test.database.inOrg(house.orgId, (tx) =>
      counterOffer(tx, { ...place(keyId), id }, { validForMs: 60_000, ...terms }),
    );
  const reject = (keyId: string, id: string) =>
    house.test.database.inOrg(house.orgId, (tx) => rejectOffer(tx, { ...place(keyId), id }));

  it('go to and fro until both agree; then the units change hands, past the queue and within the capacity', async () => {
    await put('gpu', { capacity: 3 });
    const lease = await ask('giver', 'gpu', { amount: 3 });
    const other = await ask('other', 'gpu', { priority: 'critical' });
    const request = await ask('taker', 'gpu', { amount: 2 });
    const offer = await made('giver', lease.id, request.id, { priceUsd: 2 });
    expect(offer).toMatchObject({ state: 'open', turn: 'taker', giver: 'giver', taker: 'taker' });
    await expect(accept('giver', offer.id)).rejects.toMatchObject({ code: 'offer.not_your_turn' });
    await expect(counter('other', offer.id, {})).rejects.toMatchObject({ code: 'lease.not_yours' });
    expect(await counter('taker', offer.id, { amount: 1, priceUsd: 0.5, ttlMs: 5_000 })).toMatchObject({
      turn: 'giver',
    });
    const done = await accept('giver', offer.id);
    expect(done).toMatchObject({ state: 'accepted', turn: null, terms: [{ by: 'giver' }, { by: 'taker', amount: 1 }] });
    expect(await read(lease)).toMatchObject({ state: 'held', amount: 2 });
    expect(await read(request)).toMatchObject({ state: 'held', amount: 1, priceUsd: 0.5 });
    expect(await read(other)).toMatchObject({ state: 'waiting' });
    expect(await use('gpu')).toMatchObject({ held: 3, waiting: 1 });
    await expect(accept('giver', offer.id)).rejects.toMatchObject({ code: 'offer.closed' });
  });

  it('end the lease of which everything goes, and are made by those who wait, too', async () => {
    await put('gpu', { capacity: 1 });
    const lease = await ask('giver', 'gpu');
    const request = await ask('taker', 'gpu');
    const offer = await made('taker', lease.id, request.id, { priceUsd: 1 });
    expect(offer.turn).toBe('giver');
    await accept('giver', offer.id);
    await expect(read(lease)).rejects.toMatchObject({ code: 'lease.not_found' });
    expect(await read(request)).toMatchObject({ state: 'held', priceUsd: 1 });
    expect(await use('gpu')).toMatchObject({ held: 1 });
  });

  it('never make more of a resource than there is, whoever accepts, requests and releases at once', async () => {
    await put('gpu', { capacity: 4 });
    const leases = await Promise.all(Array.from({ length: 4 }, () => ask('giver', 'gpu')));
    const requests = await Promise.all(Array.from({ length: 12 }, () => ask('taker', 'gpu')));
    const offers = await Promise.all(
      requests.map(({ id }, place) => made('giver', leases[place % 4]!.id, id, { amount: 1 })),
    );
    const seen: number[] = [];
    const outcomes = await Promise.allSettled([
      ...offers.map(({ id }) => accept('taker', id)),
      ...leases.slice(0, 2).map((lease) => release('giver', lease)),
      ...Array.from({ length: 10 }, async () => void seen.push((await use('gpu')).held)),
    ]);
    const accepted = outcomes.slice(0, 12).filter(({ status }) => status === 'fulfilled');
    expect([accepted.length > 0, accepted.length <= 4]).toEqual([true, true]);
    const after = await use('gpu');
    expect(Math.max(...seen, after.held)).toBe(4);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(BrikkError);
  }, 30_000);

  it('are closed by a rejection, by whoever made them, and by the end of what they are about', async () => {
    await put('gpu', { capacity: 1 });
    const lease = await ask('giver', 'gpu');
    const requests = [await ask('taker', 'gpu'), await ask('taker', 'gpu'), await ask('taker', 'gpu')];
    const [one, two, three] = await Promise.all(requests.map(({ id }) => made('giver', lease.id, id)));
    expect((await reject('taker', one!.id)).state).toBe('rejected');
    expect((await reject('giver', two!.id)).state).toBe('withdrawn');
    await release('taker', requests[2]!);
    await expect(accept('taker', three!.id)).rejects.toMatchObject({ code: 'offer.closed' });
    const page = await house.test.database.inOrg(house.orgId, (tx) =>
      listOffers(tx, 'gpu', { limit: 2, state: 'expired' }),
    );
    expect(page.items.map(({ id }) => id)).toEqual([three!.id]);
    expect(
      await house.test.database.inOrg(house.orgId, (tx) => readOffer(tx, { resource: 'gpu', id: one!.id })),
    ).toMatchObject({
      state: 'rejected',
    });
  });

  it('are refused for what somebody else or a run holds, for more than there is, and for what has notice', async () => {
    await put('gpu', { capacity: 2, noticeMs: 60_000 });
    const lease = await ask('giver', 'gpu', { amount: 2 });
    const request = await ask('taker', 'gpu');
    await expect(made('stranger', lease.id, request.id)).rejects.toMatchObject({ code: 'lease.not_yours' });
    const invalid = { code: 'request.invalid' };
    await expect(made('giver', lease.id, request.id, { amount: 3 })).rejects.toMatchObject(invalid);
    await expect(made('giver', request.id, lease.id)).rejects.toMatchObject(invalid);
    const runId = await acceptedRun(house.test.database, house.orgId);
    const call = { runId, callKey: 'a', needs: { gpu: 1 }, priority: 'normal' as const, leftMs: 60_000 };
    await house.test.database.inOrg(house.orgId, (tx) => askLeases(tx, house.orgId, [call]));
    const { rows } = await asOwner(house.test.ownerUrl, (owner) =>
      owner.query('SELECT request_id AS id FROM resource_lease WHERE run_id = $1', [runId]),
    );
    const { id: ofRun } = rows[0] as { id: string };
    await expect(made('giver', lease.id, ofRun)).rejects.toMatchObject({ code: 'lease.not_yours' });
    await ask('urgent', 'gpu', { priority: 'critical' });
    await expect(made('giver', lease.id, request.id)).rejects.toMatchObject({ code: 'lease.preempted' });
  });

  it('go to and fro twenty times at most', async () => {
    await put('gpu', { capacity: 1 });
    const [lease, request] = [await ask('giver', 'gpu'), await ask('taker', 'gpu')];
    const { id } = await made('giver', lease.id, request.id);
    for (let round = 1; round < 20; round += 1) await counter(round % 2 ? 'taker' : 'giver', id, { priceUsd: round });
    await expect(counter('giver', id, {})).rejects.toMatchObject({ code: 'offer.closed' });
  });
});
