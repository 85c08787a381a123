import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import request from 'supertest';
import type { ConnectionInUse as Connection } from '../../contracts/connections.js';
import { leaveQueue } from '../../database/connection-queue.js';
import { masterKeysSchema } from '../../database/master-key.js';
import { uuidv7 } from '../../database/uuid.js';
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
    expect(one.body).toMatchObject({ queue: { waiting: 0, oldestMs: null } });
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

  it('are given a new credential beside the one before, once for an idempotency key', async () => {
    const { body } = await call('post', '/v1/connections', shop({ name: 'rotated' })).expect(201);
    const { id } = body as { id: string };
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const asked = { auth: { kind: 'bearer', token: 'battery-staple' }, expiresAt, overlapMs: 60_000 };
    const rotate = (more: object = {}) => call('post', `/v1/connections/${id}/rotate`, { ...asked, ...more });
    const first = await rotate().set('idempotency-key', 'r1').expect(200);
    expect(first.body).toMatchObject({ credentialVersion: 2, expiresAt, previousUntil: expect.any(String) });
    expect((await rotate().set('idempotency-key', 'r1')).body).toEqual(first.body);
    expect((await call('get', '/metrics')).text).toContain(
      `brikk_connection_credential_end_timestamp_seconds{connection="${id}"}`,
    );
    const audited = (await call('get', '/v1/audit')).body as { items: { action: string; target: string }[] };
    const actions = audited.items.filter(({ target }) => target === id).map(({ action }) => action);
    expect(actions).toEqual(['connection.credential_rotated', 'connection.created']);
    expect(await tablesWith(api.ownerUrl, ['battery-staple'])).toEqual([]);
    expect((await rotate({ overlapMs: 0 })).body).toMatchObject({ credentialVersion: 3, previousUntil: null });
    const agreed = { kind: 'oauth2', grant: 'authorization_code', clientId: 'b', tokenUrl: 'https://a.example.com/t' };
    const person = { ...agreed, authorizationUrl: 'https://a.example.com/authorize' };
    expect((await rotate({ auth: person })).body).toMatchObject({ code: 'request.invalid' });
  });

  it('show how many calls wait for them, and how long', async () => {
    const { body } = await call('post', '/v1/connections', shop({ name: 'busy', maxInFlight: 1 })).expect(201);
    const { id } = body as { id: string };
    await api.database.inOrg(api.orgId, async (tx) => {
      for (const callKey of ['a', 'b'])
        await leaveQueue(tx, api.orgId, { connectionId: id, runId: uuidv7(), callKey }, 60_000);
      await tx(`UPDATE connection_queue SET requested_at = now() - interval '90 s' WHERE call_key = 'a'`);
    });
    const { queue } = (await call('get', `/v1/connections/${id}`).expect(200)).body as Connection;
    expect(queue.waiting).toBe(2);
    expect(queue.oldestMs).toBeGreaterThanOrEqual(90_000);
    const metrics = await call('get', '/metrics').expect(200);
    expect(metrics.text).toContain(`brikk_connection_waiting_calls{connection="${id}"} 2`);
    expect(metrics.text).toMatch(new RegExp(`brikk_connection_oldest_wait_seconds{connection="${id}"} 9\\d`));
    await call('delete', `/v1/connections/${id}`).expect(204);
    expect((await call('get', '/metrics')).text).not.toContain(id);
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

  it('are authorised in a browser: a state is taken once, from whoever brings it, and what the authority says is told', async () => {
    const auth = {
      kind: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://login.example.com/authorize?tenant=7',
      authorizationParameters: { prompt: 'consent' },
      tokenUrl: 'https://login.example.com/token',
      clientId: 'brikk',
      clientSecret: 'correct-horse',
      scopes: ['a', 'b'],
    };
    const { body } = await call('post', '/v1/connections', shop({ name: 'agreed', auth })).expect(201);
    expect(body).toMatchObject({ status: 'pending' });
    const { id } = body as { id: string };
    const started = await call('post', `/v1/connections/${id}/authorize`).expect(200);
    const { searchParams, origin } = new URL((started.body as { url: string }).url);
    const { state = '', ...asked } = Object.fromEntries(searchParams);
    expect({ origin, ...asked }).toEqual({
      origin: 'https://login.example.com',
      tenant: '7',
      prompt: 'consent',
      response_type: 'code',
      client_id: 'brikk',
      redirect_uri: 'http://127.0.0.1:0/v1/oauth/callback',
      scope: 'a b',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    const back = (query: Record<string, string>) =>
      request(api.app.getHttpServer()).get('/v1/oauth/callback').query(query).set('accept', 'text/html');
    const denied = { state, error: 'access_denied', error_description: '<b>no</b>', session_state: 'x' };
    expect((await back(denied)).body).toMatchObject({
      status: 400,
      code: 'oauth.denied',
      detail: expect.stringMatching(/access_denied$/),
    });
    for (const wrong of [
      { state, code: 'c' },
      { state: 'made-up', code: 'c' },
      { state: `${state}x`, code: 'c' },
    ])
      expect((await back(wrong)).body).toMatchObject({ status: 400, code: 'oauth.state_invalid' });
    expect((await back({ code: 'c' })).body).toMatchObject({ code: 'request.invalid' });
    const audited = (await call('get', '/v1/audit')).body as { items: { action: string }[] };
    const actions = audited.items.map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining(['connection.authorization_asked', 'connection.authorization_denied']),
    );
    const open = await call('post', '/v1/connections', shop({ name: 'open' }));
    const none = await call('post', `/v1/connections/${(open.body as { id: string }).id}/authorize`);
    expect(none.body).toMatchObject({ status: 409, code: 'connection.not_usable' });
  });
});
