import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import type { BusEvent } from '../../contracts/event-bus.js';
import { claimDeliveries } from '../../database/event-deliveries.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { listeningRun } from '../support/runs.js';

describe('publishing events while the engine is down', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const post = (body: unknown, headers: Record<string, string> = {}, path = '/v1/events') =>
    request(api.app.getHttpServer())
      .post(path)
      .set('authorization', `Bearer ${api.key}`)
      .set({ 'content-type': 'application/json', ...headers })
      .send(JSON.stringify(body));
  const listed = async (query: string): Promise<BusEvent[]> => {
    const { body } = await request(api.app.getHttpServer())
      .get(`/v1/events?${query}`)
      .set('authorization', `Bearer ${api.key}`)
      .expect(200);
    return (body as { items: BusEvent[] }).items;
  };
  const listen = (type: string) =>
    listeningRun(api.database, api.orgId, [{ hear: { listen: { to: { one: { with: { type } } } } } }]);

  it('takes an event in few words, with its deliveries; again it is a duplicate, with other content a conflict', async () => {
    const run = await listen('order.paid');
    const event = { id: 'p-1', type: 'order.paid', data: { order: 7 }, orderingKey: 'o-7' };
    expect((await post(event).expect(202)).body).toEqual({ id: 'p-1', deliveries: 1 });
    expect((await post(event).expect(200)).body).toEqual({ id: 'p-1', duplicate: true });
    const conflict = await post({ ...event, data: { order: 8 } }).expect(409);
    expect(conflict.body).toMatchObject({ code: 'event.conflict', errors: [{ path: 'id' }] });
    const [due] = (await claimDeliveries(api.database, 10)).filter(({ listenerId }) => listenerId === run);
    expect(due).toMatchObject({
      events: [{ number: 1, event: { id: 'p-1', specversion: '1.0', data: { order: 7 }, partitionkey: 'o-7' } }],
    });
    const [shown] = await listed('type=order.paid');
    const publishedBy = { type: 'api-key', id: expect.any(String), via: 'api' };
    expect(shown).toMatchObject({ orderingKey: 'o-7', deliveries: { pending: 1 }, runId: null, publishedBy });
    const audit = await request(api.app.getHttpServer()).get('/v1/audit').set('authorization', `Bearer ${api.key}`);
    const { items } = audit.body as { items: object[] };
    // The chain is written one at a time: it would slow down everybody who publishes.
    expect(items).not.toContainEqual(expect.objectContaining({ action: 'event.published' }));
  });

  it('gives an event without an id one of its own, and a repeated request the same answer', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await post({ type: 'noted' }, key).expect(202);
    expect((await post({ type: 'noted' }, key).expect(202)).body).toEqual(first.body);
    const second = await post({ type: 'noted' }).expect(202);
    expect((second.body as { id: string }).id).not.toBe((first.body as { id: string }).id);
    expect(await listed('type=noted')).toHaveLength(2);
  });

  it('takes CloudEvents, structured, binary and in batches, with attributes of their own', async () => {
    await listen('shop.shipped');
    const core = { specversion: '1.0', source: 'https://shop.example.com', type: 'shop.shipped' };
    const structured = { ...core, id: 'c-1', subject: 'order 7', mood: 'glad', data: { n: 1 } };
    await post(structured, { 'content-type': 'application/cloudevents+json; charset=utf-8' }).expect(202);
    const binary = { 'ce-specversion': '1.0', 'ce-source': core.source, 'ce-type': core.type, 'ce-id': 'c-2' };
    await post({ n: 2 }, { ...binary, 'ce-subject': 'Gr%C3%BC%C3%9Fe' }).expect(202);
    const batch = [
      { ...core, id: 'c-3', data: 3 },
      { ...core, id: 'c-1', subject: 'order 7', mood: 'glad', data: { n: 1 } },
    ];
    const type = { 'content-type': 'application/cloudevents-batch+json' };
    expect((await post(batch, type, '/v1/events/batch').expect(202)).body).toEqual({
      items: [
        { id: 'c-3', deliveries: 1 },
        { id: 'c-1', duplicate: true },
      ],
    });
    const events = (await listed('source=https://shop.example.com')).map(({ event }) => event);
    expect(events).toEqual([
      { ...core, id: 'c-3', data: 3 },
      { ...core, id: 'c-2', subject: 'Grüße', data: { n: 2 } },
      structured,
    ]);
  });

  it('takes all of a batch or nothing', async () => {
    const events = [{ id: 'b-1', type: 'batched', data: 1 }];
    await post(events, {}, '/v1/events/batch').expect(202);
    const next = [
      { id: 'b-2', type: 'batched' },
      { id: 'b-1', type: 'batched', data: 2 },
    ];
    const { body } = await post(next, {}, '/v1/events/batch').expect(409);
    expect(body).toMatchObject({ code: 'event.conflict', errors: [{ path: '[1].id' }] });
    expect(await listed('type=batched')).toHaveLength(1);
  });
});
