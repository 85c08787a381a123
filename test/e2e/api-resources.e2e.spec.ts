import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import type { Lease } from '../../contracts/resources.js';
import { askLeases } from '../../database/call-leases.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { acceptedRun } from '../support/runs.js';

describe('resources', () => {
  let api: TestApi;
  let agent: string;
  beforeAll(async () => {
    api = await startTestApi();
    agent = await api.makeKey({ role: 'developer', scopes: ['agent:self'], name: 'triage' });
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const call = (method: 'get' | 'put' | 'post' | 'delete', path: string, body?: object, key = api.key) => {
    const sent = request(api.app.getHttpServer())[method](path).set('authorization', `Bearer ${key}`);
    return body === undefined ? sent : sent.send(body);
  };
  const leaseOf = (answer: { body: unknown }) => answer.body as Lease;

  it('are leased by agents, waited for in turn, renewed and given back', async () => {
    await call('put', '/v1/resources/gpu', { capacity: 2, unit: 'card' }).expect(201);
    const held = await call('post', '/v1/resources/gpu/leases', { amount: 2 }, agent).expect(201);
    expect(held.body).toMatchObject({ state: 'held', amount: 2, priority: 'normal', holder: { type: 'api-key' } });
    const busy = await call('post', '/v1/resources/gpu/leases', {}).expect(409);
    expect(busy.body).toMatchObject({ code: 'resource.busy' });
    const low = await call('post', '/v1/resources/gpu/leases', { waitMs: 60_000, priority: 'low' }).expect(202);
    const high = await call('post', '/v1/resources/gpu/leases', { amount: 2, waitMs: 60_000, priority: 'high' }).expect(
      202,
    );
    const listed = await call('get', '/v1/resources/gpu/leases').expect(200);
    const order = (listed.body as { items: Lease[] }).items.map(({ id }) => id);
    expect(order).toEqual([held, high, low].map((answer) => leaseOf(answer).id));
    const pages = [await call('get', '/v1/resources/gpu/leases?limit=1').expect(200)];
    const { nextCursor } = pages[0]!.body as { nextCursor: string };
    const next = await call('get', `/v1/resources/gpu/leases?limit=1&cursor=${nextCursor}`).expect(200);
    expect((next.body as { items: Lease[] }).items[0]?.id).toBe(leaseOf(high).id);

    const path = `/v1/resources/gpu/leases/${leaseOf(held).id}`;
    const renewed = await call('post', `${path}/renew`, { ttlMs: 600_000 }, agent).expect(200);
    expect(Date.parse(leaseOf(renewed).expiresAt)).toBeGreaterThan(Date.parse(leaseOf(held).expiresAt));
    expect((await call('post', `${path}/renew`, {})).body).toMatchObject({ status: 409, code: 'lease.not_yours' });
    await call('delete', path, undefined, agent).expect(204);
    expect((await call('delete', path, undefined, agent)).body).toMatchObject({ status: 404, code: 'lease.not_found' });
    const turn = await call('get', `/v1/resources/gpu/leases/${leaseOf(high).id}`).expect(200);
    expect(turn.body).toMatchObject({ state: 'held', grantedAt: expect.any(String) });
    expect((await call('get', '/v1/resources/gpu')).body).toMatchObject({ capacity: 2, held: 2, waiting: 1 });
    expect((await call('delete', '/v1/resources/gpu')).body).toMatchObject({ status: 409, code: 'resource.in_use' });
    const { items } = (await call('get', '/v1/audit?limit=200')).body as { items: { action: string }[] };
    const actions = items.map(({ action }) => action);
    for (const action of ['resource.put', 'lease.requested', 'lease.renewed', 'lease.released'])
      expect(actions).toContain(action);
  });

  it('change hands between agents by offer and counter-offer, with an entry in the audit chain for each step', async () => {
    await call('put', '/v1/resources/card', { capacity: 2, noticeMs: 30_000 }).expect(201);
    const other = await api.makeKey({ role: 'developer', scopes: ['agent:self'], name: 'summariser' });
    const leases = '/v1/resources/card/leases';
    const held = leaseOf(await call('post', leases, { amount: 2 }, agent).expect(201));
    await call('post', leases, { waitMs: 60_000, amount: 2 }, other).expect(202);
    const listed = (await call('get', leases, undefined, agent).expect(200)).body as { items: Lease[] };
    const requestId = listed.items.find(({ state }) => state === 'waiting')!.id;
    const offers = '/v1/resources/card/offers';
    const made = await call('post', offers, { leaseId: held.id, requestId, priceUsd: 1 }, agent).expect(201);
    const { id } = made.body as { id: string };
    const early = await call('post', `${offers}/${id}/accept`, undefined, agent).expect(409);
    expect(early.body).toMatchObject({ code: 'offer.not_your_turn' });
    await call('post', `${offers}/${id}/counter`, { amount: 1, priceUsd: 0.4 }, other).expect(200);
    const done = await call('post', `${offers}/${id}/accept`, undefined, agent).expect(200);
    expect(done.body).toMatchObject({
      state: 'accepted',
      terms: [
        { by: 'giver', priceUsd: 1 },
        { by: 'taker', amount: 1 },
      ],
    });
    const taken = await call('get', `${leases}/${requestId}`, undefined, other).expect(200);
    expect(taken.body).toMatchObject({ state: 'held', amount: 1, priceUsd: 0.4 });
    expect((await call('get', `${offers}?state=accepted`, undefined, other)).body).toMatchObject({ items: [{ id }] });
    expect((await call('get', '/v1/resources/card')).body).toMatchObject({ held: 2, grantBy: 'priority' });
    const { items } = (await call('get', '/v1/audit?limit=200')).body as {
      items: { action: string; target: string }[];
    };
    const steps = items.filter(({ target }) => target === `card/${id}`).map(({ action }) => action);
    expect(steps.sort()).toEqual(['offer.accepted', 'offer.countered', 'offer.made']);
    const urgent = await call('post', leases, { waitMs: 60_000, priority: 'critical' }).expect(202);
    const noticed = await call('get', `${leases}/${requestId}`, undefined, other).expect(200);
    expect(noticed.body).toMatchObject({ state: 'held', preemptedBy: leaseOf(urgent).id });
    expect((await call('post', `${leases}/${requestId}/renew`, {}, other)).body).toMatchObject({
      code: 'lease.preempted',
    });
  });

  it('are requested once for one idempotency key', async () => {
    await call('put', '/v1/resources/seat', { capacity: 5 }).expect(201);
    const ask = () => call('post', '/v1/resources/seat/leases', {}).set('idempotency-key', 'one');
    const [first, second] = [await ask(), await ask()];
    expect(leaseOf(second).id).toBe(leaseOf(first).id);
    expect((await call('get', '/v1/resources/seat')).body).toMatchObject({ held: 1 });
  });

  it('that a run holds are shown with the run and its call, and end with the call alone', async () => {
    await call('put', '/v1/resources/line', { capacity: 1 }).expect(201);
    const runId = await acceptedRun(api.database, api.orgId);
    const asked = { runId, callKey: 'steps/a', needs: { line: 1 }, priority: 'normal' as const, leftMs: 60_000 };
    await api.database.inOrg(api.orgId, (tx) => askLeases(tx, api.orgId, [asked]));
    const { items } = (await call('get', '/v1/resources/line/leases')).body as { items: Lease[] };
    expect(items).toMatchObject([{ state: 'held', holder: { type: 'run', runId, callKey: 'steps/a' } }]);
    const refused = await call('delete', `/v1/resources/line/leases/${items[0]!.id}`).expect(409);
    expect(refused.body).toMatchObject({ code: 'lease.not_yours', detail: expect.stringContaining(runId) });
  });

  it('are known to runs when they are accepted: what there is not, or not so many of, is refused with what is allowed', async () => {
    await call('put', '/v1/resources/press', { capacity: 2 }).expect(201);
    const steps = (needs: object) => ({
      pattern: 'sequential',
      with: { steps: [{ name: 's', capability: 'a', needs }] },
    });
    const unknown = await call('post', '/v1/runs', steps({ pres: 1 })).expect(422);
    expect(unknown.body).toMatchObject({
      code: 'request.invalid',
      errors: [{ path: 'with.steps[0].needs.pres', allowed: expect.arrayContaining(['press']) }],
    });
    const many = await call('post', '/v1/runs', steps({ press: 3 })).expect(422);
    expect(many.body).toMatchObject({ errors: [{ path: 'with.steps[0].needs.press', allowed: { max: 2 } }] });
    const beyond = await call('post', '/v1/resources/press/leases', { amount: 3, waitMs: 1_000 }).expect(422);
    expect(beyond.body).toMatchObject({ code: 'resource.insufficient', errors: [{ path: 'amount' }] });
    expect((await call('put', '/v1/resources/press', { capacity: 9 })).status).toBe(200);
    await call('post', '/v1/runs', steps({ press: 3 })).expect(202);
    // Data that happens to have such a field is no need.
    const data = { name: 's', capability: 'a', input: { needs: { tpu: 1 } } };
    await call('post', '/v1/runs', { pattern: 'sequential', with: { steps: [data] } }).expect(202);
  });

  it('are known to runs of definitions, too, wherever these say what they need', async () => {
    await call('put', '/v1/resources/lamp', { capacity: 1 });
    const task = {
      call: 'agent',
      with: { agent: 'a', needs: { lamp: 2, input: 1 } },
      metadata: { brikk: { needs: { crane: 1 } } },
    };
    const definition = {
      document: {
        dsl: '1.0.3',
        namespace: 'a',
        name: 'b',
        version: '1.0.0',
        metadata: { brikk: { needs: { ship: 1 } } },
      },
      do: [{ all: { do: [{ one: task }] } }, { free: { set: { needs: { anything: 1 } } } }],
    };
    const { body } = await call('post', '/v1/runs', { definition }).expect(422);
    const { errors } = body as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path)).toEqual([
      'document.metadata.brikk.needs.ship',
      'do[0].all.do[0].one.metadata.brikk.needs.crane',
      'do[0].all.do[0].one.with.needs.lamp',
      'do[0].all.do[0].one.with.needs.input',
    ]);
  });
});
