import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { startTestApi, type TestApi } from '../support/api.js';

describe('API keys', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi({ rateLimit: 40 });
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const get = (path: string, key: string) =>
    request(api.app.getHttpServer()).get(path).set('authorization', `Bearer ${key}`);
  const create = (path: string, body: object, key: string, idempotencyKey: string) =>
    request(api.app.getHttpServer())
      .post(path)
      .set('authorization', `Bearer ${key}`)
      .set('idempotency-key', idempotencyKey)
      .send(body);

  it.each([
    ['/v1/api-keys', { name: 'night-shift', role: 'operator' }],
    ['/v1/organisations', { name: 'acme' }],
  ])('are shown once by %s, and not by a repeat', async (path, body) => {
    const first = await create(path, body, api.key, `once-${path}`).expect(201);
    const { key, id } = first.body as { key: string; id: string };
    await get('/v1/runs', key).expect(200);
    const again = await create(path, body, api.key, `once-${path}`).expect(201);
    expect(again.body).toMatchObject({ id, keyShown: true });
    expect(again.body).not.toHaveProperty('key');
    const other = await create(path, { ...body, name: 'other' }, api.key, `once-${path}`);
    expect(other.body).toMatchObject({ status: 409, code: 'idempotency.conflict' });
    expect((await get('/v1/api-keys', api.key)).text).not.toMatch(key);
  });

  it('may do no more than their creator, and the attempt is on record', async () => {
    const admin = await api.makeKey({ role: 'admin' });
    const refused = await create('/v1/api-keys', { name: 'x', role: 'owner' }, admin, 'more');
    expect(refused.body).toMatchObject({ status: 403, code: 'auth.forbidden' });
    const { items } = (await get('/v1/audit', admin)).body as { items: object[] };
    expect(items).toContainEqual(
      expect.objectContaining({ action: 'access.denied', target: 'POST /v1/api-keys', outcome: 'denied' }),
    );
    expect((await get('/v1/audit/verify', admin)).body).toMatchObject({ ok: true });
  });

  it('end when they are revoked', async () => {
    const { body } = await create('/v1/api-keys', { name: 'gone', role: 'viewer' }, api.key, 'gone').expect(201);
    const { id, key } = body as { id: string; key: string };
    const revoked = request(api.app.getHttpServer()).delete(`/v1/api-keys/${id}`);
    await revoked.set('authorization', `Bearer ${api.key}`).expect(204);
    expect((await get('/v1/runs', key)).body).toMatchObject({ status: 401, code: 'auth.invalid' });
  });

  it('that ask too often are told when to ask again, others and heartbeats go on', async () => {
    const key = await api.makeKey({ role: 'developer' });
    for (let count = 0; count < 40; count++) await get('/v1/organisations/current', key).expect(200);
    const refused = await get('/v1/organisations/current', key);
    expect(refused.body).toMatchObject({ status: 429, code: 'rate.exceeded' });
    const seconds = Number(refused.headers['retry-after']);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(10);
    await get('/v1/organisations/current', await api.makeKey({ role: 'viewer' })).expect(200);
    const beat = request(api.app.getHttpServer()).put('/v1/agents/none/instances/none/heartbeat');
    expect((await beat.set('authorization', `Bearer ${key}`).send({})).status).toBe(404);
  });
});
