import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import request from 'supertest';
import { startTestApi, type TestApi } from '../../test/support/api.js';

describe('the API', () => {
  let api: TestApi;
  let app: INestApplication;
  beforeAll(async () => {
    api = await startTestApi();
    app = api.app;
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  it('accepts a run while Temporal is away', async () => {
    const run = { pattern: 'agent', with: { capability: 'triage' }, input: { text: 'disk full' } };
    const answer = await request(app.getHttpServer())
      .post('/v1/runs')
      .set('authorization', `Bearer ${api.key}`)
      .send(run);
    expect(answer.body).toMatchObject({ status: 'accepted' });
    expect(answer.status).toBe(202);
  });

  const get = (path: string) => request(app.getHttpServer()).get(path).set('authorization', `Bearer ${api.key}`);

  it('documents every route', async () => {
    const { body } = await get('/openapi.json');
    expect(body).toMatchObject({
      openapi: '3.1.0',
      paths: { '/v1/runs/{id}': { get: { 'x-permission': 'run:read' } } },
    });
    const text = JSON.stringify(body);
    const schemas = (body as { components: { schemas: object } }).components.schemas;
    for (const [, name] of text.matchAll(/#\/components\/schemas\/([^"]+)/g))
      expect(Object.keys(schemas)).toContain(name);
    expect((await get('/docs')).status).toBe(200);
  });

  it('is ready, though degraded, while Temporal is away', async () => {
    expect((await get('/health/ready')).body).toEqual({
      status: 'degraded',
      parts: { postgres: 'up', temporal: 'down' },
    });
    expect((await get('/v1/stats')).body).toMatchObject({ queues: null });
    expect((await get('/metrics')).text).toMatch('brikk_runs');
    expect((await get('/v1/audit/verify')).body).toMatchObject({ ok: true });
  });

  it('streams the events of a run that was canceled before it began, from where the reader left', async () => {
    const run = { pattern: 'agent', with: { capability: 'triage' } };
    const post = (path: string, body?: object) =>
      request(app.getHttpServer())
        .post(path)
        .set('authorization', `Bearer ${api.key}`)
        .set('idempotency-key', 'k')
        .send(body);
    const { id } = (await post('/v1/runs', run)).body as { id: string };
    expect((await post('/v1/runs', run)).body).toMatchObject({ id });
    expect((await post(`/v1/runs/${id}/cancel`)).status).toBe(202);
    const list = await get(`/v1/runs/${id}/events`);
    expect(list.body).toMatchObject({
      items: [{ type: 'run.accepted', position: 1 }, { type: 'run.cancel_requested' }],
    });
  });
});
