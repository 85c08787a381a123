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
  afterAll(() => api.close());

  it('accepts a run while Temporal is away', async () => {
    const run = { pattern: 'agent', with: { capability: 'triage' }, input: { text: 'disk full' } };
    const answer = await request(app.getHttpServer())
      .post('/v1/runs')
      .set('authorization', `Bearer ${api.key}`)
      .send(run);
    expect(answer.body).toMatchObject({ status: 'accepted' });
    expect(answer.status).toBe(202);
  });
});
