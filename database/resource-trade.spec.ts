import { describe, expect, it } from '@jest/globals';
import type { Lease } from '../contracts/resources.js';
import { LeaseHouse } from '../test/support/lease-house.js';
import { asOwner } from '../test/support/postgres.js';
import { acceptedRun } from '../test/support/runs.js';
import { listAudit } from './audit.repository.js';
import { askLeases } from './call-leases.js';
import { readEvents } from './run-events.js';
import { sweepResources } from './sweep-resources.js';

const house = new LeaseHouse('trade');
const { put, ask, read, release, renew, use } = house;
/** As if its time had come. */
const expire = ({ id }: Lease) =>
  asOwner(house.test.ownerUrl, (owner) =>
    owner.query(`UPDATE resource_lease SET expires_at = now() - interval '1 ms' WHERE request_id = $1`, [id]),
  );

describe('pre-emption of leases', () => {
  it('ends what a lower priority holds when its notice is over, and only then', async () => {
    await put('gpu', { capacity: 2, noticeMs: 30_000 });
    const [low, normal] = [await ask('a', 'gpu', { priority: 'low' }), await ask('b', 'gpu')];
    const high = await ask('c', 'gpu', { priority: 'high', ttlMs: 600_000 });
    expect(high.state).toBe('waiting');
    const noticed = await read(low);
    expect(noticed).toMatchObject({ state: 'held', preemptedBy: high.id });
    const leftMs = Date.parse(noticed.expiresAt) - Date.now();
    expect([leftMs > 15_000, leftMs <= 31_000]).toEqual([true, true]);
    expect((await read(normal)).preemptedBy).toBeUndefined();
    await expect(renew('a', low)).rejects.toMatchObject({ code: 'lease.preempted' });
    await expire(low);
    await sweepResources(house.test.database);
    expect(await read(high)).toMatchObject({ state: 'held' });
    expect(await use('gpu')).toMatchObject({ held: 2, waiting: 0 });
  });

  it('ends nothing for an equal priority, where no notice is given, or of what a call holds', async () => {
    await put('gpu', { capacity: 1, noticeMs: 0 });
    const equal = await ask('a', 'gpu', { priority: 'high' });
    await ask('b', 'gpu', { priority: 'high' });
    expect((await read(equal)).preemptedBy).toBeUndefined();
    await put('seat', { capacity: 1 });
    const kept = await ask('a', 'seat', { priority: 'background' });
    await ask('b', 'seat', { priority: 'critical' });
    expect((await read(kept)).preemptedBy).toBeUndefined();
    await put('line', { capacity: 1, noticeMs: 0 });
    const runId = await acceptedRun(house.test.database, house.orgId);
    const call = { runId, callKey: 'a', needs: { line: 1 }, priority: 'background' as const, leftMs: 60_000 };
    const asked = () => house.test.database.inOrg(house.orgId, (tx) => askLeases(tx, house.orgId, [call]));
    await asked();
    await ask('b', 'line', { priority: 'critical' });
    expect(await asked()).toMatchObject([{ state: 'held' }]);
  });

  it('is over when the request that asked for it is gone: the lease is renewed as any other', async () => {
    await put('gpu', { capacity: 1, noticeMs: 30_000 });
    const low = await ask('a', 'gpu', { priority: 'low' });
    const high = await ask('b', 'gpu', { priority: 'high' });
    await release('b', high);
    const renewed = await renew('a', low);
    expect(renewed.preemptedBy).toBeUndefined();
    expect(Date.parse(renewed.expiresAt) - Date.now()).toBeGreaterThan(40_000);
  });

  it('gives a call what keys hold when it is of a higher priority', async () => {
    await put('gpu', { capacity: 1, noticeMs: 0 });
    const low = await ask('a', 'gpu', { priority: 'low' });
    const runId = await acceptedRun(house.test.database, house.orgId);
    const call = { runId, callKey: 'a', needs: { gpu: 1 }, priority: 'high' as const, leftMs: 60_000 };
    const asked = () => house.test.database.inOrg(house.orgId, (tx) => askLeases(tx, house.orgId, [call]));
    expect(await asked()).toMatchObject([{ state: 'waiting' }]);
    await expect(read(low)).rejects.toMatchObject({ code: 'lease.not_found' });
    expect(await asked()).toMatchObject([{ state: 'held' }]);
  });
});

describe('a market for a resource', () => {
  it('gives turns by the bid for a unit, at the highest bid that is not served', async () => {
    await put('gpu', { capacity: 2, grantBy: 'market' });
    const first = await ask('a', 'gpu', { amount: 2 });
    const bids = [
      await ask('b', 'gpu', { bidUsd: 1, priority: 'critical' }),
      await ask('c', 'gpu', { bidUsd: 3 }),
      await ask('d', 'gpu', { bidUsd: 2 }),
    ];
    await release('a', first);
    const after = await Promise.all(bids.map(read));
    expect(after.map(({ state, priceUsd }) => [state, priceUsd])).toEqual([
      ['waiting', undefined],
      ['held', 1],
      ['held', 1],
    ]);
  });

  it('is refused a bid where priority decides', async () => {
    await put('gpu', { capacity: 1 });
    await expect(ask('a', 'gpu', { bidUsd: 1 })).rejects.toMatchObject({
      code: 'request.invalid',
      violations: [{ path: 'bidUsd' }],
    });
  });
});

describe('requests that wait for each other', () => {
  it('are found by the sweeper: the lowest priority is refused with the circle, and the other gets its turn', async () => {
    await put('gpu', { capacity: 1 });
    await put('seat', { capacity: 1 });
    const gpu = await ask('a', 'gpu', { work: 'one' });
    const seat = await ask('a', 'seat', { work: 'two' });
    const one = await ask('a', 'seat', { work: 'one', priority: 'low' });
    await sweepResources(house.test.database);
    expect((await read(one)).state).toBe('waiting');
    const two = await ask('a', 'gpu', { work: 'two' });
    await sweepResources(house.test.database);
    expect(await read(one)).toMatchObject({
      state: 'refused',
      refusal: {
        code: 'resource.deadlock',
        cycle: [
          { work: 'a one', resource: 'seat', leaseId: one.id },
          { work: 'a two', resource: 'gpu', leaseId: two.id },
        ],
      },
    });
    await expect(renew('a', one)).rejects.toMatchObject({ code: 'resource.deadlock' });
    expect((await read(two)).state).toBe('waiting');
    await release('a', gpu);
    expect((await read(two)).state).toBe('held');
    expect((await read(seat)).state).toBe('held');
    const { items } = await house.test.database.inOrg(house.orgId, (tx) => listAudit(tx, { limit: 50 }));
    expect(items.filter(({ action }) => action === 'lease.deadlocked')).toHaveLength(1);
  });

  it('are none where each stands for itself', async () => {
    await put('gpu', { capacity: 1 });
    await put('seat', { capacity: 1 });
    for (const name of ['gpu', 'seat']) await ask('a', name);
    const waits = [await ask('a', 'seat'), await ask('a', 'gpu')];
    await sweepResources(house.test.database);
    expect((await Promise.all(waits.map(read))).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
  });

  it('include calls by what agents lease for them: the youngest call is refused, and both runs say so', async () => {
    await put('gpu', { capacity: 1 });
    await put('seat', { capacity: 1 });
    const runs = [
      await acceptedRun(house.test.database, house.orgId),
      await acceptedRun(house.test.database, house.orgId),
    ];
    const call = (runId: string, resource: string) => ({
      runId,
      callKey: 'steps/a',
      needs: { [resource]: 1 },
      priority: 'normal' as const,
      leftMs: 60_000,
    });
    const [first, second] = [call(runs[0]!, 'gpu'), call(runs[1]!, 'seat')];
    const asked = (request: typeof first) =>
      house.test.database.inOrg(house.orgId, (tx) => askLeases(tx, house.orgId, [request]));
    await asked(first);
    const held = await ask('agent', 'seat', { work: `${second.runId}/steps/a` });
    // The agent of the first call wants a seat for it; the second call waits for the card of the first.
    const wanted = await ask('agent', 'seat', { work: `${first.runId}/steps/a` });
    const waiting = { ...second, needs: { gpu: 1 } };
    expect(await asked(waiting)).toMatchObject([{ state: 'waiting' }]);
    await sweepResources(house.test.database);
    const [answer] = await asked(waiting);
    expect(answer).toMatchObject({
      state: 'deadlocked',
      refusal: { cycle: [{ work: `${second.runId}/steps/a` }, {}] },
    });
    expect((await read(wanted)).state).toBe('waiting');
    for (const runId of runs) {
      const events = await house.test.database.inOrg(house.orgId, (tx) => readEvents(tx, runId));
      const told = events.filter(({ type }) => type === 'resource.deadlock');
      expect(told).toMatchObject([{ data: { refused: `${second.runId}/steps/a` } }]);
    }
    await release('agent', held);
    expect((await read(wanted)).state).toBe('held');
  });
});
