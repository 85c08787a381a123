import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import request from 'supertest';
import { masterKeysSchema } from '../../database/master-key.js';
import { tablesWith } from '../support/postgres.js';
import { startTestApi, type TestApi } from '../support/api.js';

describe('secrets', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi({ masterKeys: masterKeysSchema.parse(randomBytes(32).toString('base64')) });
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const call = (method: 'get' | 'put' | 'delete', path: string, key = api.key) =>
    request(api.app.getHttpServer())[method](path).set('authorization', `Bearer ${key}`);

  it('are kept, replaced, listed by name and deleted; nobody reads a value again', async () => {
    const kept = await call('put', '/v1/secrets/pager').send({ value: 'hunter-2' }).expect(201);
    expect(kept.body).toMatchObject({ name: 'pager', version: 1, updatedBy: { type: 'api-key' } });
    const login = { username: 'brikk', password: 'hunter-3' };
    const again = await call('put', '/v1/secrets/pager').send({ value: login }).expect(200);
    expect(again.body).toMatchObject({ version: 2 });
    const listed = await call('get', '/v1/secrets').expect(200);
    expect(listed.body).toMatchObject({ items: [{ name: 'pager', version: 2 }], nextCursor: null });
    for (const { text } of [kept, again, listed]) expect(text).not.toMatch(/hunter/);
    await call('get', '/v1/secrets/pager').expect(405);
    await call('delete', '/v1/secrets/pager').expect(204);
    expect((await call('delete', '/v1/secrets/pager')).body).toMatchObject({ status: 404, code: 'secret.not_found' });
  });

  it('are found in no table, and each change is on record without its value', async () => {
    await call('put', '/v1/secrets/token').send({ value: 'correct-horse' }).expect(201);
    expect(await tablesWith(api.ownerUrl, ['correct-horse'])).toEqual([]);
    const { items } = (await call('get', '/v1/audit')).body as { items: object[] };
    expect(items[0]).toMatchObject({ action: 'secret.put', target: 'token', changedFields: ['value'], outcome: 'ok' });
  });

  it('belong to their organisation, and to those who may', async () => {
    const made = await request(api.app.getHttpServer())
      .post('/v1/organisations')
      .set('authorization', `Bearer ${api.key}`)
      .send({ name: 'others' });
    const { key: theirs } = made.body as { key: string };
    expect((await call('get', '/v1/secrets', theirs)).body).toMatchObject({ items: [] });
    expect((await call('delete', '/v1/secrets/token', theirs)).body).toMatchObject({ code: 'secret.not_found' });
    const developer = await api.makeKey({ role: 'developer' });
    await call('get', '/v1/secrets', developer).expect(200);
    expect((await call('put', '/v1/secrets/x', developer).send({ value: 'y' })).body).toMatchObject({
      code: 'auth.forbidden',
    });
    await call('get', '/v1/secrets', await api.makeKey({ role: 'viewer' })).expect(403);
  });
});
