import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { startTestApi, type TestApi } from '../support/api.js';

interface Registered {
  id: string;
  instanceId: string;
  signingSecret?: string;
  lease: { expiresAt: string };
}

describe('the registry of agents', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const send = (method: 'get' | 'post' | 'put' | 'delete', path: string, body?: object, key = api.key) => {
    const sent = request(api.app.getHttpServer())[method](path).set('authorization', `Bearer ${key}`);
    return body === undefined ? sent : sent.send(body);
  };
  const agent = (name: string, port: number, version = '1.0.0') => ({
    name,
    version,
    protocol: 'http',
    endpoint: `http://127.0.0.1:${port}`,
    capabilities: [{ name }],
  });
  const register = async (name: string, port: number, version?: string) =>
    (await send('post', '/v1/agents', agent(name, port, version)).expect(201)).body as Registered;
  const search = async (body: object) =>
    (await send('post', '/v1/agents/search', body).expect(200)).body as {
      items: { instanceId: string; reason: string }[];
    };

  it('registers an instance once, gives its secret to whoever registers it, and renews it by heartbeats', async () => {
    const first = await register('triage', 9001);
    expect(first.signingSecret).toMatch(/^whsec_/);
    const again = await send('post', '/v1/agents', agent('triage', 9001)).expect(200);
    const { id, instanceId, signingSecret } = first;
    expect(again.body).toMatchObject({ id, instanceId, signingSecret });
    const audited = await send('get', '/v1/audit').expect(200);
    expect(audited.body).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ action: 'agent.registered', target: id }),
        expect.objectContaining({ action: 'agent.instance_registered', target: instanceId }),
      ]),
    });
    const beat = await send('put', `/v1/agents/${first.id}/instances/${first.instanceId}/heartbeat`, {
      load: 0.5,
      inFlight: 2,
    }).expect(200);
    const { lease } = beat.body as Registered;
    expect(Date.parse(lease.expiresAt)).toBeGreaterThan(Date.parse(first.lease.expiresAt));
    const shown = await send('get', `/v1/agents/${first.id}`).expect(200);
    expect(shown.body).toMatchObject({ name: 'triage', instances: [{ id: first.instanceId, draining: false }] });
    expect(shown.text).not.toMatch('whsec_');
  });

  it('ranks the live instances with a reason, by capability and version, without those that drain', async () => {
    const one = await register('summarise', 9011);
    const two = await register('summarise', 9012, '2.0.0');
    const ids = ({ items }: { items: { instanceId: string }[] }) => items.map(({ instanceId }) => instanceId).sort();
    const both = await search({ capability: 'summarise' });
    expect(ids(both)).toEqual([one.instanceId, two.instanceId].sort());
    expect(both.items.every(({ reason }) => reason.length > 0)).toBe(true);
    expect(ids(await search({ capability: 'summarise', versionRange: '^2.0.0' }))).toEqual([two.instanceId]);
    await send('delete', `/v1/agents/${two.id}/instances/${two.instanceId}`).expect(204);
    expect(ids(await search({ capability: 'summarise' }))).toEqual([one.instanceId]);
    const audit = await send('get', '/v1/audit').expect(200);
    expect(audit.text).toMatch('agent.drained');
  });

  it('lets a key with agent:self touch the agent of its name and no other', async () => {
    const key = await api.makeKey({ role: 'developer', scopes: ['agent:self'], name: 'own' });
    const own = (await send('post', '/v1/agents', agent('own', 9021), key).expect(201)).body as Registered;
    const beat = ({ id, instanceId }: Registered) =>
      send('put', `/v1/agents/${id}/instances/${instanceId}/heartbeat`, {}, key);
    await beat(own).expect(200);
    const foreign = await register('foreign', 9022);
    await beat(foreign).expect(403);
    await send('post', '/v1/agents', agent('foreign', 9023), key).expect(403);
    await send('delete', `/v1/agents/${foreign.id}/instances/${foreign.instanceId}`, undefined, key).expect(403);
    await send('delete', `/v1/agents/${own.id}/instances/${own.instanceId}`, undefined, key).expect(204);
    const { items } = (await send('get', '/v1/audit')).body as { items: { action: string; target: string }[] };
    expect(items.filter(({ target }) => target === 'agent foreign')).toHaveLength(3);
  });
});
