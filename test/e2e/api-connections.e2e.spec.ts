import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import request from 'supertest';
import { masterKeysSchema } from '../../database/master-key.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { tablesWith } from '../support/postgres.js';

describe('connections', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi({ masterKeys: masterKeysSchema.parse(randomBytes(32).toString('base64')) });
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  type Method = 'get' | 'put' | 'post' | 'patch' | 'delete';
  const call = (method: Method, path: string, body?: object) =>
    request(api.app.getHttpServer())[method](path).set('authorization', `Bearer ${api.key}`).send(body);
  const shop = (extra: object = {}) => ({
    name: 'shop',
    provider: 'http',
    baseUrls: ['https://api.example.com'],
    auth: { kind: 'bearer', token: 'correct-horse' },
    ...extra,
  });

  it('are created, changed, given new credentials, revoked and deleted; nobody reads a credential again', async () => {
    const made = await call('post', '/v1/connections', shop()).expect(201);
    const { id } = made.body as { id: string };
    expect(made.body).toMatchObject({ name: 'shop', authKind: 'bearer', status: 'active', credentialVersion: 1 });
    expect((await call('post', '/v1/connections', shop())).body).toMatchObject({ code: 'connection.conflict' });
    const limit = { points: 5, durationMs: 1_000 };
    const changed = await call('patch', `/v1/connections/${id}`, { rateLimit: limit }).expect(200);
    expect(changed.body).toMatchObject({ rateLimit: limit, baseUrls: ['https://api.example.com'] });
    const auth = { kind: 'basic', username: 'ada', password: 'battery-staple' };
    const next = await call('put', `/v1/connections/${id}/credential`, { auth }).expect(200);
    expect(next.body).toMatchObject({ authKind: 'basic', credentialVersion: 2 });
    const listed = await call('get', '/v1/connections').expect(200);
    const one = await call('get', `/v1/connections/${id}`).expect(200);
    expect(listed.body).toMatchObject({ items: [one.body], nextCursor: null });
    const audited = await call('get', '/v1/audit').expect(200);
    for (const { text } of [made, changed, next, listed, one, audited]) expect(text).not.toMatch(/horse|staple/);
    expect(await tablesWith(api.ownerUrl, ['correct-horse', 'battery-staple'])).toEqual([]);
    const revoked = await call('delete', `/v1/connections/${id}/credential`).expect(200);
    expect(revoked.body).toMatchObject({ status: 'revoked', credentialVersion: 0 });
    const back = await call('put', `/v1/connections/${id}/credential`, { auth }).expect(200);
    expect(back.body).toMatchObject({ status: 'active', credentialVersion: 3 });
    await call('delete', `/v1/connections/${id}`).expect(204);
    await call('get', `/v1/connections/${id}`).expect(404);
  });

  it('are created once for an idempotency key', async () => {
    const create = () => call('post', '/v1/connections', shop({ name: 'once' })).set('idempotency-key', 'k1');
    const [first, again] = [await create(), await create()];
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
  });

  it('are tried out by a worker, and say so when there is none', async () => {
    const { body } = await call('post', '/v1/connections', shop({ name: 'tried' }));
    const tried = await call('post', `/v1/connections/${(body as { id: string }).id}/test`);
    expect(tried.body).toMatchObject({ status: 503, code: 'dependency.unavailable' });
  });
});
