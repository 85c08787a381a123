import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { keptPool } from '../support/kept-pool.js';
import request from 'supertest';
import { Routes } from '../../apps/api/common/routes.js';
import { isAllowed, type Role, ROLES, type Scope } from '../../contracts/permissions.js';
import { registerAgentSchema } from '../../contracts/agents.js';
import { publishDefinition } from '../../database/definitions.repository.js';
import { masterKeysSchema } from '../../database/master-key.js';
import { registerAgent } from '../../database/agents.repository.js';
import { putMemory } from '../../database/memory.repository.js';
import { requestLease } from '../../database/leases.repository.js';
import { makeOffer } from '../../database/offers.repository.js';
import { putResource } from '../../database/resources.repository.js';
import { openSession } from '../../database/sessions.repository.js';
import { setSchedule } from '../../database/schedules.repository.js';
import { putSecret } from '../../database/secrets.repository.js';
import { Vault } from '../../database/vault.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { endedTask } from '../support/a2a-task.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { codeOf } from '../support/code-of.js';
import { askedApproval } from '../support/asked-approval.js';
import { definitionOf } from '../support/interpreted.js';
import { acceptedRun } from '../support/runs.js';
import { keptConnection } from '../support/connections.js';
import { keptEndpoint, keptWebhook } from '../support/webhooks.js';
import { BODIES } from './passing-bodies.js';

jest.setTimeout(60_000);

interface Known {
  run: string;
  agent: string;
  instance: string;
  key: string;
  approval: string;
  lease: string;
  offer: string;
  session: string;
  source: string;
  inbound: string;
  connection: string;
  endpoint: string;
  outbound: string;
  task: string;
}

const KEYS: { role: Role; scopes: Scope[] }[] = [
  ...ROLES.map((role) => ({ role, scopes: [] })),
  { role: 'developer', scopes: ['agent:self'] },
  { role: 'owner', scopes: ['agent:self'] },
  { role: 'viewer', scopes: ['platform:admin'] },
];

const masterKeys = masterKeysSchema.parse(randomBytes(32).toString('base64'));
const vault = new Vault(masterKeys);

describe('access', () => {
  let api: TestApi;
  let other: { orgId: string; known: Known };
  beforeAll(async () => {
    api = await startTestApi({ masterKeys });
    const { id: orgId } = await api.database.outsideOrgs((tx) => createOrganisation(tx, 'others'));
    other = { orgId, known: await knownOf(orgId) };
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const knownOf = async (orgId: string): Promise<Known> => {
    const agent = registerAgentSchema.parse({
      name: 'triage',
      version: '1.0.0',
      protocol: 'http',
      endpoint: 'http://127.0.0.1:9',
      capabilities: [{ name: 'triage' }],
    });
    const { registered } = await api.database.inOrg(orgId, (tx) => registerAgent(tx, vault, orgId, agent));
    const state = { scope: 'agent', scopeId: registered.id, key: 'known' } as const;
    await api.database.inOrg(orgId, (tx) => putMemory(tx, state, { type: 'api-key', id: 'k' }, { value: [] }));
    await api.makeKey({ orgId, role: 'viewer', name: 'target' });
    const reader = await api.makeKey({ orgId, role: 'owner' });
    const keys = (await send('GET', '/v1/api-keys', reader)).body as { items: { id: string; name: string }[] };
    const key = keys.items.find(({ name }) => name === 'target')!.id;
    const run = await acceptedRun(api.database, orgId);
    const places = [{ scope: 'organisation', scopeId: '' } as const, { scope: 'run', scopeId: run } as const];
    for (const place of places)
      await api.database.inOrg(orgId, (tx) =>
        putMemory(tx, { ...place, key: 'known' }, { type: 'run', id: run }, { value: [] }),
      );
    await api.database.inOrg(orgId, async (tx) => {
      const by = { type: 'api-key' as const, id: key };
      await putSecret(tx, vault, { orgId, name: 'known', by }, { value: 'x' });
      const definition = definitionOf([]);
      await publishDefinition(tx, { orgId, definition, hash: 'known' });
      await setSchedule(tx, { orgId, ...definition.document }, { kind: 'every', periodMs: 86_400_000 });
    });
    const [lease, offer] = await api.database.inOrg(orgId, async (tx) => {
      const resource = 'known';
      await putResource(tx, orgId, resource, { capacity: 5 });
      const wish = { amount: 5, priority: 'normal' as const, ttlMs: 60_000, waitMs: 60_000 };
      const held = await requestLease(tx, { orgId, keyId: key, resource }, wish);
      const { id: requestId } = await requestLease(tx, { orgId, keyId: key, resource }, { ...wish, amount: 1 });
      const holder = { keyId: key, isOperator: false };
      const made = { leaseId: held.id, requestId, validForMs: 60_000 };
      return [held, await makeOffer(tx, { orgId, resource, holder }, made)];
    });
    await keptPool(api.database, orgId);
    const approval = await askedApproval(api.database, orgId, await acceptedRun(api.database, orgId));
    const { source, eventId: inbound } = await keptWebhook(api.database, vault, orgId);
    const { id: connection } = await keptConnection(api.database, vault, orgId);
    const of = { agentId: registered.id, instanceId: registered.instanceId };
    const { session } = await api.database.inOrg(orgId, (tx) => openSession(tx, of, { key: 'known', ttlMs: 60_000 }));
    const { endpointId: endpoint, deliveryId: outbound } = await keptEndpoint(api.database, vault, orgId);
    const kept = { session: session.id, source: source.id, inbound, connection, endpoint, outbound };
    const task = await endedTask(api.database, orgId);
    const ids = { ...kept, task, approval, lease: lease.id, offer: offer.id };
    return { run, agent: registered.id, instance: registered.instanceId, key, ...ids };
  };

  const send = (method: string, path: string, key: string | undefined, body?: object) => {
    const sent = request(api.app.getHttpServer())[method.toLowerCase() as 'get'](path).set('a2a-version', '1.0');
    if (key !== undefined) sent.set('authorization', `Bearer ${key}`);
    return body === undefined ? sent : sent.send(body);
  };

  /** A route and the path of something that exists. */
  const pathOf = (path: string, known: Known): string =>
    path
      .replace('/organisations/{id}', `/organisations/${other.orgId}`)
      .replace('/tasks/{id}', `/tasks/${known.task}`)
      .replace('/runs/{id}', `/runs/${known.run}`)
      .replace('/approvals/{id}', `/approvals/${known.approval}`)
      .replace('/sessions/{id}', `/sessions/${known.session}`)
      .replace('/agents/{id}', `/agents/${known.agent}`)
      .replace('/api-keys/{id}', `/api-keys/${known.key}`)
      .replace('/webhook-sources/{id}', `/webhook-sources/${known.source}`)
      .replace('/webhook-endpoints/{id}', `/webhook-endpoints/${known.endpoint}`)
      .replace('/webhook-deliveries/{id}', `/webhook-deliveries/${known.outbound}`)
      .replace('/inbound-events/{id}', `/inbound-events/${known.inbound}`)
      .replace('/connections/{id}', `/connections/${known.connection}`)
      .replace('{instanceId}', known.instance)
      .replace('/functions/{name}', '/functions/agent')
      .replace('/secrets/{name}', '/secrets/known')
      .replace('/agent-templates/{name}', '/agent-templates/known')
      .replace('/pools/{name}', '/pools/known')
      .replace('/resources/{name}', '/resources/known')
      .replace('{leaseId}', known.lease)
      .replace('{offerId}', known.offer)
      .replace('/workflows/{namespace}/{name}', '/workflows/test/tested')
      .replace('/schedules/{namespace}/{name}', '/schedules/test/tested')
      .replace('{version}', '1.0.0')
      .replace('{name}', 'note')
      .replace('/memory/{scope}/{scopeId}', `/memory/run/${known.run}`)
      .replace('{configId}', 'known')
      .replace('{identifier}', `urn:air:127.0.0.1:${other.orgId}:triage`)
      .replace('{key}', 'known');

  const guarded = () =>
    api.app
      .get(Routes)
      .all.flatMap(({ access, method, path }) =>
        access.kind === 'permission' && !access.openOnLoopback ? [{ method, path, permission: access.permission }] : [],
      );
  const refusals = async (key: string) =>
    (await send('GET', '/v1/audit?limit=200', key)).body as { items: { action: string; target: string }[] };

  it('asks every route but the public ones for a key', async () => {
    expect(guarded().length).toBeGreaterThan(15);
    for (const { method, path } of guarded()) {
      const { body } = await send(method, pathOf(path, other.known), undefined);
      expect({ method, path, code: codeOf(body) }).toEqual({ method, path, code: 'auth.missing' });
    }
  }, 30_000);

  it('gives those who only read no route that changes anything', () => {
    for (const role of ['viewer', 'auditor'] as const) {
      const allowed = guarded().filter(({ permission }) => isAllowed({ role, scopes: [] }, permission));
      const routes = allowed.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
      const reading = ['POST /v1/agents/search', 'POST /v1/memory/search', 'POST /v1/a2a/tasks/{id}:subscribe'];
      // Each method and each tool asks for its own permission.
      expect([...reading, 'POST /v1/ard/search', 'POST /v1/ard/explore', 'POST /v1/a2a', 'POST /v1/mcp']).toEqual(
        expect.arrayContaining(routes),
      );
    }
  });

  it('leaves public without a key only what is meant to be', () => {
    const open = api.app.get(Routes).all.filter(({ access }) => access.kind !== 'permission' || access.openOnLoopback);
    expect(open.map(({ path }) => path).sort()).toEqual([
      '/.well-known/agent-card.json',
      '/.well-known/ai-catalog.json',
      '/.well-known/ard.json',
      '/health/live',
      '/health/ready',
      '/in/{pathId}',
      '/metrics',
      '/openapi.json',
      '/v1/calls/{token}',
      '/v1/calls/{token}/progress',
      '/v1/oauth/callback',
    ]);
  });

  it.each(KEYS)(
    'lets $role $scopes do what the matrix says, and no more',
    async ({ role, scopes }) => {
      const { id: orgId } = await api.database.outsideOrgs((tx) =>
        createOrganisation(tx, `of-${role}-${scopes.join('-')}`),
      );
      const known = await knownOf(orgId);
      const key = await api.makeKey({ orgId, role, scopes, name: 'triage' });
      const denied: string[] = [];
      for (const { method, path, permission } of guarded()) {
        const { status, body } = await send(method, pathOf(path, known), key, BODIES[`${method} ${path}`]);
        const may = isAllowed({ role, scopes }, permission);
        if (!may) denied.push(`${method} ${path}`);
        const isForbidden = status === 403 && codeOf(body) === 'auth.forbidden';
        expect({ method, path, isForbidden }).toEqual({ method, path, isForbidden: !may });
        expect([401, 405, 500]).not.toContain(status);
        // A run that is not of bulk has no items, and an identifier of ARD names its organisation.
        if (may && path.includes('{') && !path.includes('/items/') && !path.endsWith('{identifier}'))
          expect({ path, status }).not.toEqual({ path, status: 404 });
      }
      const { items } = await refusals(await api.makeKey({ orgId, role: 'auditor' }));
      const onRecord = items.filter(({ action }) => action === 'access.denied').map(({ target }) => target);
      expect(onRecord.sort()).toEqual(denied.sort());
    },
    60_000,
  );

  it('answers 404 for every id of another organisation, and changes nothing there', async () => {
    // Names that stand for the same in every organisation, or for something of the caller's own.
    const isNamed = (route: string) =>
      /\/organisation\/|\/functions\/|^PUT \/v1\/(secrets|resources|agent-templates)\//.test(route);
    const withIds = guarded().filter(
      // Whoever operates the platform may do what it says in any organisation.
      ({ method, path, permission }) =>
        path.includes('{') && permission !== 'platform:admin' && !isNamed(`${method} ${path}`),
    );
    expect(withIds.length).toBeGreaterThan(8);
    for (const { method, path } of withIds) {
      const { status } = await send(method, pathOf(path, other.known), api.key, BODIES[`${method} ${path}`]);
      expect({ method, path, status }).toEqual({ method, path, status: 404 });
    }
    const key = await api.makeKey({ orgId: other.orgId, role: 'owner' });
    const run = await send('GET', `/v1/runs/${other.known.run}/events`, key);
    expect((run.body as { items: object[] }).items).toHaveLength(1);
    const agent = await send('GET', `/v1/agents/${other.known.agent}`, key);
    expect(agent.body).toMatchObject({ instances: [{ id: other.known.instance }] });
  });

  it('lists nothing of another organisation', async () => {
    for (const path of [
      '/v1/runs',
      '/v1/failed-calls',
      '/v1/agents',
      '/v1/api-keys',
      '/v1/approvals',
      '/v1/audit',
      '/v1/workflows',
      '/v1/events',
      '/v1/resources',
      '/v1/pools',
      '/v1/agent-templates',
      '/v1/webhook-sources',
      '/v1/inbound-events',
      '/v1/sessions',
      '/v1/webhook-endpoints',
      '/v1/webhook-deliveries',
    ]) {
      const { text, status } = await send('GET', path, api.key);
      expect(status).toBe(200);
      for (const id of Object.values(other.known)) expect(text).not.toMatch(id as string);
    }
    const found = await send('POST', '/v1/agents/search', api.key, { capability: 'triage' });
    expect(found.body).toEqual({ items: [], unfit: [] });
  });
});
