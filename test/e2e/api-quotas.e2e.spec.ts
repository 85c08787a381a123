import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { takeCalls } from '../../database/quotas.repository.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { commandLine } from '../support/command-line.js';

describe('the quota of an organisation', () => {
  let api: TestApi;
  let limited: { id: string; key: string };
  beforeAll(async () => {
    api = await startTestApi();
    await api.app.listen(0, '127.0.0.1');
    const made = await send('post', '/v1/organisations', api.key, { name: 'limited' }).expect(201);
    limited = made.body as typeof limited;
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const send = (method: 'get' | 'post' | 'put' | 'delete', path: string, key: string, body?: object) =>
    request(api.app.getHttpServer())[method](path).set('authorization', `Bearer ${key}`).send(body);
  const start = (key: string, idempotencyKey: string) =>
    send('post', '/v1/runs', key, { pattern: 'agent', with: { capability: 'triage' } }).set(
      'idempotency-key',
      idempotencyKey,
    );
  const brikk = (key: string, ...args: string[]) => {
    const { port } = api.app.getHttpServer().address() as AddressInfo;
    return commandLine(...args, '--api-url', `http://127.0.0.1:${port}`, '--api-key', key);
  };

  it('refuses runs with the time of the next window once it is used up, of that organisation alone', async () => {
    await send('put', `/v1/organisations/${limited.id}/quota`, api.key, { windowMs: 86_400_000, calls: 3 }).expect(200);
    await start(limited.key, 'first').expect(202);
    await api.database.inOrg(limited.id, (tx) => takeCalls(tx, 3));

    const refused = await start(limited.key, 'second');
    expect(refused.body).toMatchObject({
      status: 429,
      code: 'quota.exceeded',
      detail: expect.stringMatching(
        /^The organisation has used up its quota of 3 calls in 86,400 s; the next window begins in [\d,]+ s$/,
      ),
    });
    const left = Number(refused.headers['retry-after']);
    const { body } = await send('get', '/v1/quota', limited.key).expect(200);
    expect(body).toMatchObject({
      windowMs: 86_400_000,
      limits: { calls: 3 },
      used: { calls: 3, tokens: 0, costUsd: 0 },
    });
    expect(Math.abs(Date.parse(body.resetsAt as string) - Date.now() - left * 1_000)).toBeLessThan(5_000);

    const bulk = { pattern: 'agent', with: { capability: 'triage' }, inputs: [1, 2] };
    expect((await send('post', '/v1/runs/bulk', limited.key, bulk)).body).toMatchObject({ code: 'quota.exceeded' });
    await start(limited.key, 'first').expect(202);
    await start(api.key, 'other').expect(202);
  });

  it('is set by the platform alone, and its changes are on record', async () => {
    const path = `/v1/organisations/${limited.id}/quota`;
    expect((await send('put', path, limited.key, { windowMs: 60_000, calls: 9 })).status).toBe(403);
    expect((await send('delete', path, limited.key)).status).toBe(403);
    expect((await send('get', path, limited.key)).status).toBe(403);
    const { items } = (await send('get', '/v1/audit', limited.key)).body as { items: object[] };
    expect(items).toContainEqual(
      expect.objectContaining({ action: 'quota.changed', target: limited.id, outcome: 'ok' }),
    );
  });

  it('is shown, set and taken away on the command line', async () => {
    expect(
      await brikk(api.key, 'quota', 'set', limited.id, '--window', 'P31D', '--calls', '5', '--cost-usd', '2.5'),
    ).toMatch(
      /^A window is 2678400 s; the next one begins 20.*\n\n.*\ncalls +0 +5\ntokens +0 +–\nUS dollars +0 +2\.5\n$/,
    );
    await api.database.inOrg(limited.id, (tx) => takeCalls(tx, 5));
    expect(await brikk(limited.key, 'quota', 'show')).toMatch(/^calls +5 +5$/m);
    await expect(brikk(limited.key, 'run', 'agent', '--with', '{"capability": "triage"}')).rejects.toMatchObject({
      message: expect.stringMatching(/has used up its quota of 5 calls in 2,678,400 s/),
    });
    await brikk(api.key, 'quota', 'remove', limited.id);
    expect(await brikk(limited.key, 'quota', 'show')).toBe('There is no quota.\n');
    await start(limited.key, 'third').expect(202);
  });
});
