import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { createOrganisation } from '../../database/organisations.repository.js';
import { startTestApi, type TestApi } from '../support/api.js';

interface Entry {
  identifier: string;
  displayName: string;
  type: string;
  url: string;
  version?: string;
  score?: number;
}

/** Of ARD 0.91, appendix C. */
const IDENTIFIER = /^urn:air:[a-zA-Z0-9.-]+(:[a-zA-Z0-9._:-]+)?:[a-zA-Z0-9._-]+$/;

describe('agents found by Agentic Resource Discovery', () => {
  let api: TestApi;
  let others: string;
  beforeAll(async () => {
    api = await startTestApi({ publicUrl: 'https://brikk.example.com/' });
    const { id } = await api.database.outsideOrgs((tx) => createOrganisation(tx, 'others'));
    others = await api.makeKey({ orgId: id, role: 'developer' });
    await register('triage', '1.0.0', { description: 'Severity and owner of an incident', tags: ['operations'] });
    await register('triage', '1.10.0', { description: 'Severity and owner of an incident', tags: ['operations'] });
    await register('summariser', '1.0.0', { description: 'Makes incident reports short' }, { team: 'desk' });
    await register('secretive', '1.0.0', { description: 'Severity of an incident' }, {}, others);
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const send = (method: 'get' | 'post', path: string, key: string | undefined = api.key) => {
    const sent = request(api.app.getHttpServer())[method](path);
    return key === '' ? sent : sent.set('authorization', `Bearer ${key}`);
  };
  let port = 9_100;
  const register = (name: string, version: string, capability: object, labels = {}, key = api.key) =>
    send('post', '/v1/agents', key)
      .send({
        name,
        version,
        labels,
        protocol: 'http',
        endpoint: `http://127.0.0.1:${(port += 1)}`,
        capabilities: [{ name: `${name}-work`, ...capability }],
      })
      .expect(201);
  const search = async (body: object, key = api.key) => {
    const { body: answer } = await send('post', '/v1/ard/search', key).send(body).expect(200);
    return answer as { results: Entry[]; referrals?: Entry[]; pageToken?: string };
  };
  const namesOf = ({ results }: { results: Entry[] }) => results.map(({ displayName }) => displayName);

  it('publishes where the registry is, to everybody, and nobody that is registered', async () => {
    for (const path of ['/.well-known/ard.json', '/.well-known/ai-catalog.json']) {
      const { body, text, headers } = await send('get', path, '').expect(200);
      const { entries } = body as { entries: Entry[] };
      expect(headers['cache-control']).toMatch('public');
      expect(entries.every(({ identifier, url }) => IDENTIFIER.test(identifier) && URL.canParse(url))).toBe(true);
      expect(entries.find(({ type }) => type === 'application/ai-registry+json')?.url).toBe(
        'https://brikk.example.com/v1/ard',
      );
      expect(text).not.toMatch(/triage|summariser|secretive/);
    }
  });

  it('ranks the newest versions of the own agents by the words of the question', async () => {
    const { results } = await search({ query: { text: 'find an agent for the severity of an incident' } });
    expect(results[0]).toMatchObject({
      identifier: expect.stringMatching(/^urn:air:brikk\.example\.com:[0-9a-f-]{36}:triage$/),
      type: 'application/a2a-agent-card+json',
      url: expect.stringMatching(/^https:\/\/brikk\.example\.com\/v1\/agents\/[0-9a-f-]{36}\/agent-card\.json$/),
      version: '1.10.0',
      capabilities: ['triage-work'],
      tags: ['operations'],
      source: 'https://brikk.example.com/v1/ard',
    });
    expect(results.map(({ displayName }) => displayName)).toEqual(['triage', 'summariser']);
    expect(results.every(({ score = -1 }) => Number.isInteger(score) && score >= 1 && score <= 100)).toBe(true);
    const card = await send('get', new URL(results[0]!.url).pathname).expect(200);
    expect(card.body).toMatchObject({ name: 'triage', version: '1.10.0' });
    expect(namesOf(await search({ query: { text: 'incident' } }, others))).toEqual(['secretive']);
    expect((await search({ query: { text: 'weather' } })).results).toEqual([]);
  });

  it('filters, pages and names no other registries', async () => {
    const text = 'incident';
    expect(namesOf(await search({ query: { text, filter: { tags: 'operations' } } }))).toEqual(['triage']);
    expect(namesOf(await search({ query: { text, filter: { 'metadata.team': ['desk', 'x'] } } }))).toEqual([
      'summariser',
    ]);
    const publisher = { publisher: ['elsewhere.example.com'] };
    expect(namesOf(await search({ query: { text, filter: publisher } }))).toEqual([]);
    const first = await search({ query: { text }, pageSize: 1, federation: 'referrals' });
    expect(first).toMatchObject({ results: [{}], referrals: [], pageToken: expect.any(String) });
    const second = await search({ query: { text }, pageSize: 1, pageToken: first.pageToken });
    expect([...namesOf(first), ...namesOf(second)].sort()).toEqual(['summariser', 'triage']);
    expect(second).not.toHaveProperty('pageToken');
  });

  it('gives one entry by its identifier, to its organisation alone', async () => {
    const { results } = await search({ query: { text: 'triage' } });
    const { score: _, source: __, ...entry } = results[0] as Entry & { source: string };
    const path = `/v1/ard/agents/${encodeURIComponent(entry.identifier)}`;
    const { body, headers } = await send('get', path).expect(200);
    expect(body).toEqual(entry);
    expect(headers['cache-control']).toMatch('private');
    const foreign = await send('get', path, others).expect(404);
    expect(foreign.body).toMatchObject({ errorCode: 'NOT_FOUND', code: 'agent.not_found' });
  });

  it('refuses in the words of ARD', async () => {
    const refused = async (body: object) =>
      (await send('post', '/v1/ard/search').send(body).expect(400)).body as object;
    expect(await refused({ query: {} })).toMatchObject({ errorCode: 'INVALID_ARGUMENT', message: expect.any(String) });
    expect(await refused({ query: { text: 'x', filter: { 'trustManifest.identity': 'y' } } })).toMatchObject({
      errorCode: 'INVALID_ARGUMENT',
      message: expect.stringContaining('metadata.<label>'),
    });
    expect(await refused({ query: { text: 'x' }, pageToken: 'nonsense' })).toMatchObject({
      errorCode: 'INVALID_ARGUMENT',
    });
    const { body } = await send('get', '/v1/ard/agents/triage').expect(400);
    expect(body).toMatchObject({ errorCode: 'INVALID_ARGUMENT' });
    const stranger = await send('post', '/v1/ard/search', '')
      .send({ query: { text: 'x' } })
      .expect(401);
    expect(stranger.body).toMatchObject({ errorCode: 'UNAUTHENTICATED' });
    const unbuilt = await send('post', '/v1/ard/explore').send({}).expect(501);
    expect(unbuilt.body).toMatchObject({ errorCode: 'NOT_IMPLEMENTED' });
  });
});
