import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import type { MemoryEntry, MemoryHit, MemorySummary } from '../../contracts/memory.js';
import { BrikkClient } from '../../sdk/client.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { commandLine } from '../support/command-line.js';
import { acceptedRun } from '../support/runs.js';

jest.setTimeout(30_000);

describe('the memory of an organisation', () => {
  let api: TestApi;
  let url: string;
  let brikk: BrikkClient;
  beforeAll(async () => {
    api = await startTestApi();
    await api.app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${(api.app.getHttpServer().address() as AddressInfo).port}`;
    brikk = new BrikkClient({ url, apiKey: api.key });
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const send = (method: 'get' | 'post' | 'put' | 'delete', path: string, body?: object) => {
    const sent = request(api.app.getHttpServer())[method](path.startsWith('/') ? path : `/v1/memory/${path}`);
    sent.set('authorization', `Bearer ${api.key}`);
    return body === undefined ? sent : sent.send(body);
  };

  const register = async (name: string): Promise<string> => {
    const endpoint = 'http://127.0.0.1:9';
    const capabilities = [{ name }];
    return (await brikk.agents.register({ name, version: '1.0.0', protocol: 'http', endpoint, capabilities })).id;
  };

  it('is written, compared and set by ETag or version, and read, in every scope alike', async () => {
    const run = await acceptedRun(api.database, api.orgId);
    for (const place of ['organisation', 'session/s1', `run/${run}`]) {
      const made = await send('put', `${place}/plan`, { value: { b: 1, a: 2 } })
        .set('if-none-match', '*')
        .expect(201);
      expect([made.headers.etag, (made.body as MemorySummary).version]).toEqual(['"1"', 1]);
      await send('put', `${place}/plan`, { value: 2 }).set('if-none-match', '*').expect(409);
      await send('put', `${place}/plan`, { value: 2 }).set('if-match', '"1"').expect(200);
      const late = await send('put', `${place}/plan`, { value: 3, ifVersion: 1 }).expect(409);
      expect(late.body).toMatchObject({ code: 'memory.conflict', errors: [{ path: 'ifVersion', allowed: 2 }] });
      const read = await send('get', `${place}/plan`).expect(200);
      expect(read.headers.etag).toBe('"2"');
      expect(read.body).toMatchObject({ key: 'plan', value: 2, version: 2, updatedBy: { type: 'api-key' } });
      await send('delete', `${place}/plan`).set('if-match', '"1"').expect(409);
      await send('delete', `${place}/plan`).set('if-match', '"2"').expect(204);
      await send('get', `${place}/plan`).expect(404);
    }
  });

  it('keeps every item of 50 appends at once, and an append under one idempotency key once', async () => {
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => send('post', 'session/log/items/append', { item: n }).expect(/version/)),
    );
    const { body } = await send('get', 'session/log/items').expect(200);
    expect(new Set((body as MemoryEntry).value as number[]).size).toBe(50);
    const again = () => send('post', 'session/log/items/append', { item: 'x' }).set('idempotency-key', 'k1');
    const [first, second] = [await again().expect(200), await again().expect(200)];
    expect(second.body).toEqual(first.body);
    expect(((await send('get', 'session/log/items')).body as MemoryEntry).version).toBe(51);
    await send('put', 'session/log/scalar', { value: 1 }).expect(201);
    const { code } = (await send('post', 'session/log/scalar/append', { item: 1 }).expect(409)).body as {
      code: string;
    };
    expect(code).toBe('memory.not_a_list');
  });

  it('leaves a trace of every change in the audit, without the value', async () => {
    await send('put', 'organisation/audited', { value: 'a secret plan' }).expect(201);
    await send('delete', 'organisation/audited').expect(204);
    const audit = await request(api.app.getHttpServer()).get('/v1/audit').set('authorization', `Bearer ${api.key}`);
    const { items } = audit.body as { items: { action: string; target: string }[] };
    const mine = items.filter(({ target }) => target === 'organisation/audited').map(({ action }) => action);
    expect(mine).toEqual(['memory.deleted', 'memory.put']);
    expect(audit.text).not.toMatch('secret plan');
  });

  it('is used through the client, and what is not there is undefined', async () => {
    const of = { session: 'incident-7' };
    expect(await brikk.memory.get(of, 'findings')).toBeUndefined();
    await brikk.memory.append(of, 'findings', 'The disk of db-3 is full');
    await brikk.memory.append(of, 'findings', 'Old logs were deleted', { maxItems: 5 });
    const { version } = await brikk.memory.put(of, 'owner', { team: 'storage' }, { ifVersion: 0, ttlMs: 60_000 });
    await expect(brikk.memory.put(of, 'owner', null, { ifVersion: 9 })).rejects.toMatchObject({
      code: 'memory.conflict',
      violations: [{ allowed: version }],
    });
    expect(await brikk.memory.get(of, 'findings')).toMatchObject({ version: 2, scopeId: 'incident-7' });
    expect((await brikk.memory.list(of, { prefix: 'f' })).items.map(({ key }) => key)).toEqual(['findings']);
    const { items } = await brikk.memory.search('full disks', { of });
    expect(items).toMatchObject([{ key: 'findings', snippet: expect.stringContaining('**disk**') }]);
    await expect(brikk.memory.delete(of, 'owner', { ifVersion: 9 })).rejects.toMatchObject({ status: 409 });
    expect([await brikk.memory.delete(of, 'owner'), await brikk.memory.delete(of, 'owner')]).toEqual([true, false]);
  });

  it("is an agent's own below the agent, where neither memory nor search finds it", async () => {
    const agent = await register('keeper');
    const state = (key: string, id = agent) => `/v1/agents/${id}/state/${key}`;
    const made = await send('put', state('seen'), { value: { count: 1 } })
      .set('if-none-match', '*')
      .expect(201);
    expect(made.body).toMatchObject({ scope: 'agent', scopeId: agent, key: 'seen', version: 1 });
    await send('put', state('seen'), { value: 2 }).set('if-match', '"7"').expect(409);
    await send('put', state('seen'), { value: 'lantern', ifVersion: 1 }).expect(200);
    await send('put', state('large'), { value: Array.from({ length: 8 }, () => 'x'.repeat(130_000)) }).expect(201);
    await send('post', state('large/append'), { item: 'x'.repeat(10_000) }).expect(413);
    expect((await send('get', state('seen')).expect(200)).body).toMatchObject({ value: 'lantern', version: 2 });
    await send('post', state('log/append'), { item: 1 }).expect(201);
    const { body } = await send('get', state('')).expect(200);
    expect((body as { items: MemorySummary[] }).items.map(({ key }) => key)).toEqual(['large', 'log', 'seen']);
    await send('get', `agent/${agent}/seen`).expect(404);
    expect((await brikk.memory.search('lantern')).items).toEqual([]);
    await send('get', state('seen', randomUUID())).expect(404);
    await send('delete', state('seen')).set('if-match', '"2"').expect(204);
    await send('get', state('seen')).expect(404);
  });

  it('of an agent is served to a key of that agent alone', async () => {
    const [own, other] = [await register('own'), await register('other')];
    const mine = new BrikkClient({
      url,
      apiKey: await api.makeKey({ role: 'developer', scopes: ['agent:self'], name: 'own' }),
    });
    await mine.memory.put({ agent: own }, 'k', 1);
    expect(await mine.memory.get({ agent: own }, 'k')).toMatchObject({ value: 1 });
    await expect(mine.memory.put({ agent: other }, 'k', 1)).rejects.toMatchObject({ code: 'auth.forbidden' });
    await expect(mine.memory.get({ agent: other }, 'k')).rejects.toMatchObject({ code: 'auth.forbidden' });
    await expect(mine.memory.put('organisation', 'k', 1)).rejects.toMatchObject({ code: 'auth.forbidden' });
  });

  it('is read and written on the command line', async () => {
    const memory = (...args: string[]) => commandLine('memory', ...args, '--api-url', url, '--api-key', api.key);
    expect(await memory('list', '--session', 'cli')).toMatch(/^Nothing is remembered here/);
    expect(await memory('put', 'note', '{"text":"backup failed"}', '--session', 'cli', '--ttl', 'PT1H')).toMatch(
      /^note has version 1, until 20/,
    );
    expect(await memory('append', 'log', '1', '--session', 'cli')).toBe('log has version 1.\n');
    expect(JSON.parse(await memory('get', 'note', '--session', 'cli'))).toEqual({ text: 'backup failed' });
    expect(await memory('list', '--session', 'cli')).toMatch(/^log +1 +3 .*for good\nnote +1/m);
    expect(await memory('search', 'backups')).toMatch(/^session cli {2}note +\*\*backup\*\* failed/m);
    expect(await memory('search', 'unheard')).toBe('Nothing holds these words.\n');
    const found = JSON.parse(await memory('search', 'backups', '-o', 'json')) as { items: MemoryHit[] };
    expect(found.items[0]?.rank).toBeGreaterThan(0);
    expect(await memory('delete', 'note', '--session', 'cli')).toBe('note is forgotten.\n');
    expect(await memory('delete', 'note', '--session', 'cli')).toBe('There was nothing under note.\n');
    await expect(memory('get', 'note', '--session', 'cli')).rejects.toThrow(/nothing under note/);
    await expect(memory('get', 'x', '--session', 'a', '--run', 'b')).rejects.toThrow(/not both/);
    await expect(memory('put', 'x', '1', '--if-version', '3')).rejects.toThrow(/memory.conflict.*\n.*ifVersion/);
    await expect(memory('put', 'x', '1', '--ttl', 'soon')).rejects.toThrow(/such as PT1H/);
  });
});
