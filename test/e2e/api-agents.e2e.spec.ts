import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import type { FoundAgents } from '../../contracts/agent-search.js';
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

  it('finds who takes an input and answers as it is wanted, and says of the others why not', async () => {
    const serve = (name: string, port: number, capability: object) =>
      send('post', '/v1/agents', { ...agent(name, port), capabilities: [{ name: 'weigh', ...capability }] }).expect(
        201,
      );
    const parcel = (size: object) => ({ type: 'object', properties: { size }, required: ['size'] });
    const inputSchema = parcel({ type: 'integer', minimum: 1 });
    await serve('scales', 9031, { inputSchema, outputSchema: { type: 'number', minimum: 0 }, tags: ['postal'] });
    await serve('sorter', 9032, { inputSchema: parcel({ enum: ['s', 'm'] }), outputSchema: true, tags: ['postal'] });
    await serve('guess', 9033, {});
    const found = async (body: object) => {
      const { body: answer } = await send('post', '/v1/agents/search', body).expect(200);
      const { items, unfit } = answer as FoundAgents;
      return {
        fit: items.map((one) => `${one.agent} ${one.contract}`).sort(),
        unfit: unfit.map(({ agent: name, why }) => `${name}: ${why[0]}`).sort(),
      };
    };
    expect(await found({ capability: 'weigh', accepts: { size: 2 } })).toEqual({
      fit: ['guess undeclared', 'scales fits'],
      unfit: ['sorter: input /size must be equal to one of the allowed values'],
    });
    expect(await found({ tags: ['postal'], inputSchema: parcel({ enum: ['m'] }) })).toEqual({
      fit: ['sorter fits'],
      unfit: ['scales: input /size must be integer, may be string'],
    });
    expect(await found({ accepts: { size: 2 }, outputSchema: { type: 'number' } })).toMatchObject({
      fit: ['scales fits'],
      unfit: expect.arrayContaining(['guess: it declares no output schema']),
    });
    const refused = await send('post', '/v1/agents/search', { inputSchema: { type: 'text' } }).expect(422);
    expect(refused.body).toMatchObject({
      errors: [{ path: 'inputSchema', message: expect.stringContaining('usable') }],
    });
  });

  it('breaks off comparing where a schema of an agent takes too long', async () => {
    const inputSchema = { type: 'string', pattern: '^(a+)+$' };
    const slow = { ...agent('slow', 9041), capabilities: [{ name: 'slow', inputSchema }] };
    await send('post', '/v1/agents', slow).expect(201);
    const refused = await send('post', '/v1/agents/search', { capability: 'slow', accepts: `${'a'.repeat(64)}b` });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ detail: expect.stringContaining('takes too long') });
  });

  it('lists agents by state, label and version', async () => {
    const labelled = { ...agent('labelled', 9051, '3.1.0'), labels: { team: 'night', site: 'a' } };
    await send('post', '/v1/agents', labelled).expect(201);
    const named = async (query: string) => {
      const { body } = await send('get', `/v1/agents?${query}`).expect(200);
      return (body as { items: { name: string }[] }).items.map(({ name }) => name);
    };
    for (const query of ['label=team%3Dnight', 'label=site', 'version=3.1.0'])
      expect(await named(query)).toEqual(['labelled']);
    expect(await named('label=team%3Dday')).toEqual([]);
    expect(await named('state=initializing')).toContain('labelled');
    expect(await named('state=working')).not.toContain('labelled');
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
