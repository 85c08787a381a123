import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import request from 'supertest';
import { CONNECTION_EXAMPLES } from '../../apps/api/connections/connection-examples.js';
import { ERRORS, type ErrorCode } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import { finishRun } from '../../database/finish-run.js';
import { Journal } from '../../database/journal.js';
import { masterKeysSchema } from '../../database/master-key.js';
import { uuidv7 } from '../../database/uuid.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { callbackToken } from '../support/callback-token.js';
import { askedApproval } from '../support/asked-approval.js';
import { acceptedRun, finishedCall } from '../support/runs.js';

interface Media {
  schema: object;
  example?: Json;
  examples?: Record<string, { value: Json }>;
}
interface Answer {
  description: string;
  content?: Record<string, Media>;
}
interface Operation {
  operationId: string;
  summary: string;
  parameters: { name: string; in: string; required: boolean }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, Answer>;
}
interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}
interface Call {
  method: string;
  path: string;
  operation: Operation;
}

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';
/** Failures of agents' calls, which stand in runs and events, and of what has no route of its own. */
const NOT_OF_A_ROUTE: ErrorCode[] = [
  'agent.transient',
  'agent.rate_limited',
  'agent.rejected',
  'agent.budget',
  'agent.canceled',
  'agent.input_required',
  'agent.pending',
  'approval.rejected',
  'connector.auth',
  'connector.circuit_open',
  'connector.conflict',
  'connector.forbidden',
  'connector.not_found',
  'connector.rate_limited',
  'connector.unavailable',
  'connector.validation',
  'payload.not_found',
  'secret.unreadable',
  'webhook.refused',
  'request.not_found',
  'request.method_not_allowed',
];

describe('the OpenAPI document', () => {
  let api: TestApi;
  let document: OpenApi;
  let calls: Call[];
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);

  beforeAll(async () => {
    api = await startTestApi({ masterKeys: masterKeysSchema.parse(randomBytes(32).toString('base64')) });
    document = (await send('GET', '/openapi.json')).body as OpenApi;
    ajv.addSchema({ $id: 'brikk', ...document });
    calls = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    );
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const send = (method: string, path: string, body?: Json, type = JSON_TYPE) => {
    const sent = request(api.app.getHttpServer())
      [method.toLowerCase() as 'post'](path)
      .set('authorization', `Bearer ${api.key}`);
    return body === undefined ? sent : sent.type(type).send(body as object);
  };
  const created = async (path: string, body: Json) => (await send('POST', path, body)).body as Record<string, string>;
  /** Why a value breaks a schema of the document. */
  const misfit = ({ schema }: Media, value: unknown) => {
    const inDocument = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"brikk#/')) as object;
    return ajv.validate(inDocument, value) ? undefined : ajv.errorsText();
  };
  const examplesOf = ({ example, examples = {} }: Media) => [
    ...(example === undefined ? [] : [example]),
    ...Object.values(examples).map(({ value }) => value),
  ];

  it('has an example of every body and every answer, and each fits its schema', () => {
    expect(calls.length).toBeGreaterThan(25);
    for (const { method, path, operation } of calls) {
      const media = [operation.requestBody, ...Object.values(operation.responses)].flatMap((part) =>
        Object.entries(part?.content ?? {}),
      );
      for (const [type, one] of media) {
        const misfits = examplesOf(one).map((example) => misfit(one, example));
        expect({ method, path, type, misfits }).toEqual({
          method,
          path,
          type,
          misfits: [undefined, ...misfits.slice(1).map(() => undefined)],
        });
      }
    }
  });

  it('names every operation once, says what it does, and declares the parameters of its path', () => {
    const ids = calls.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of calls) {
      expect(operation.summary).not.toBe('');
      const declared = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect(declared).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
  });

  it('documents every failure that a route can have, with its status', () => {
    const documented = new Set<string>();
    for (const { operation } of calls)
      for (const [status, { content = {} }] of Object.entries(operation.responses))
        for (const code of Object.keys(content[PROBLEM_TYPE]?.examples ?? {})) {
          expect(ERRORS[code as ErrorCode].status).toBe(Number(status));
          documented.add(code);
        }
    const all = Object.keys(ERRORS) as ErrorCode[];
    expect(all.filter((code) => !documented.has(code)).sort()).toEqual([...NOT_OF_A_ROUTE].sort());
  });

  it('tells the truth: every route takes its own examples, and answers what it says', async () => {
    for (const { method, path, operation } of calls) {
      const bodies = Object.entries(operation.requestBody?.content ?? {}).flatMap(([type, one]) =>
        examplesOf(one).map((body) => ({ type, body })),
      );
      for (const { type, body } of bodies.length > 0 ? bodies : [{ type: JSON_TYPE, body: undefined }]) {
        // Of a delivery that is signed: api-webhooks.e2e.spec.ts.
        if (path.startsWith('/in/')) continue;
        // By a worker, which is not here.
        if (path === '/v1/connections/{id}/test') continue;
        // Of a browser that comes back: api-connections.e2e.spec.ts.
        if (path === '/v1/oauth/callback') continue;
        // Of a server, which a worker asks: protocols.e2e.spec.ts.
        if ((body as { remote?: Json } | undefined)?.remote !== undefined) continue;
        // Of a system that did not answer: connection-limits.spec.ts.
        if (path === '/v1/breakers/reset') continue;
        // Of what failed of a run that has ended: bulk.e2e.spec.ts, api-runs.e2e.spec.ts.
        const { items, calls: failed } = (body ?? {}) as { items?: Json; calls?: Json };
        if (path.endsWith('/rerun') && (items ?? failed) !== undefined) continue;
        const filled = await pathOf(path);
        const answer = await send(
          method,
          filled,
          path.endsWith('/offers') ? await aboutLeases(filled, body) : body,
          type,
        );
        const said = operation.responses[String(answer.status)];
        expect({ method, path, status: answer.status, isSaid: said !== undefined }).toMatchObject({ isSaid: true });
        const refused = answer.status < 300 ? undefined : (answer.body as Json);
        expect({ method, path, refused }).toEqual({ method, path, refused: undefined });
        const media = said?.content?.[JSON_TYPE];
        if (media)
          expect({ method, path, misfit: misfit(media, answer.body) }).toEqual({ method, path, misfit: undefined });
      }
    }
  }, 180_000);

  const finished = async (runId: string) => {
    const { database, orgId } = api;
    await new Journal(database).record(orgId, runId, finishedCall('steps/triage'));
    const end = { status: 'completed', terminationReason: 'done', degraded: false, rounds: 0 } as const;
    await finishRun(database, { orgId, runId, ...end, warnings: [], output: { inline: null }, events: [] });
  };

  /** The body of an offer, about a lease and a request that there are. */
  const aboutLeases = async (path: string, body: Json | undefined): Promise<Json | undefined> => {
    if (body === undefined) return undefined;
    const leases = path.replace('/offers', '/leases');
    const { id: leaseId } = await created(leases, { amount: 8 });
    const { id: requestId } = await created(leases, { waitMs: 60_000 });
    return { ...(body as Record<string, Json>), leaseId: leaseId!, requestId: requestId! };
  };
  const offered = async (resource: string): Promise<string> => {
    const path = `${resource}/offers`;
    return (await created(path, (await aboutLeases(path, {})) as Json)).id!;
  };

  /** Something of its own for each call, in the state that the call asks for. */
  const pathOf = async (path: string): Promise<string> => {
    if (path === '/v1/selection/report') return `${path}?capability=triage`;
    if (!path.includes('{')) return path;
    if (path.includes('/items')) {
      const { id } = await created('/v1/runs/bulk', { pattern: 'agent', with: { capability: 'triage' }, inputs: [1] });
      return path.replace('{id}', id!).replace('{index}', '0');
    }
    if (path.startsWith('/v1/runs/')) {
      const steps = ['language', 'triage'].map((name) => ({ name, capability: name }));
      const { id } = await created('/v1/runs', { pattern: 'sequential', with: { steps }, input: 'Disk full on db-3' });
      if (path.endsWith('/resume')) await send('POST', `/v1/runs/${id}/pause`);
      if (path.endsWith('/feedback')) await finished(id!);
      return path.replace('{id}', id!).replace('{name}', 'note');
    }
    if (path.startsWith('/v1/agents/')) {
      const example = Object.values(document.paths['/v1/agents']!.post!.requestBody!.content)[0]!;
      const { id, instanceId } = await created('/v1/agents', examplesOf(example)[0]!);
      const filled = path.replace('{id}', id!).replace('{instanceId}', instanceId!).replace('{key}', uuidv7());
      if (path.includes('/state/{key}')) await send('PUT', filled.replace('/append', ''), { value: [] });
      return filled;
    }
    if (path.startsWith('/v1/organisations/'))
      return path.replace('{id}', (await created('/v1/organisations', { name: 'limited' })).id!);
    if (path.startsWith('/v1/workflows/'))
      return path.replace('{namespace}/{name}', 'support/incident').replace('{version}', '1.0.0');
    if (path.startsWith('/v1/schedules/')) {
      const head = { dsl: '1.0.3', namespace: 'support', name: 'yearly', version: '1.0.0' };
      await send('POST', '/v1/workflows', { document: head, schedule: { cron: '0 0 1 1 *' }, do: [] });
      return path.replace('{namespace}/{name}', 'support/yearly');
    }
    if (path.startsWith('/v1/secrets/')) {
      const filled = path.replace('{name}', 'pager');
      await send('PUT', filled, examplesOf(Object.values(document.paths[path]!.put!.requestBody!.content)[0]!)[0]);
      return filled;
    }
    if (path.startsWith('/v1/resources/')) {
      const filled = path.replace('{name}', uuidv7());
      const of = filled.replace(/\/(leases|offers).*/, '');
      if (path.includes('{name}')) await send('PUT', of, { capacity: 8 });
      if (path.includes('{offerId}')) return filled.replace('{offerId}', await offered(of));
      if (!path.includes('{leaseId}')) return filled;
      const { id } = await created(filled.replace(/\/\{leaseId\}.*/, ''), {});
      return filled.replace('{leaseId}', id!);
    }
    if (path.startsWith('/v1/agent-templates/') || path.startsWith('/v1/pools/')) {
      // The examples of pools are made by it.
      const template = path.startsWith('/v1/pools/') ? 'resize' : uuidv7();
      await send('PUT', `/v1/agent-templates/${template}`, { agent: 'resize', module: '/srv/resize.js' });
      if (path.startsWith('/v1/agent-templates/')) return path.replace('{name}', template);
      const name = uuidv7();
      await send('PUT', `/v1/pools/${name}`, { template });
      return path.replace('{name}', name);
    }
    if (path.startsWith('/v1/functions/')) return path.replace('{name}', 'agent');
    if (path.startsWith('/v1/memory/')) {
      const filled = path.replace('{scope}/{scopeId}', 'session/brief').replace('{key}', uuidv7());
      if (path.includes('{key}')) await send('PUT', filled.replace('/append', ''), { value: [] });
      return filled;
    }
    if (path.startsWith('/v1/sessions/')) {
      const agent = examplesOf(Object.values(document.paths['/v1/agents']!.post!.requestBody!.content)[0]!)[0]!;
      const { id: of, instanceId } = await created('/v1/agents', agent);
      const { id } = await created(`/v1/agents/${of}/instances/${instanceId}/sessions`, { key: uuidv7() });
      return path.replace('{id}', id!);
    }
    if (path.startsWith('/v1/webhook-sources/') || path.startsWith('/v1/inbound-events/{')) {
      const { id } = await created('/v1/webhook-sources', { name: uuidv7(), provider: 'github' });
      if (path.startsWith('/v1/webhook-sources/')) return path.replace('{id}', id!);
      const event = await created(`/v1/webhook-sources/${id}/test`, { body: {} });
      return path.replace('{id}', event.id!);
    }
    if (path.startsWith('/v1/connections/')) {
      const example = CONNECTION_EXAMPLES[path.endsWith('/authorize') ? 'agreement' : 'api'] as object;
      const asked = { ...example, name: uuidv7() };
      return path.replace('{id}', (await created('/v1/connections', asked)).id!);
    }
    if (path.startsWith('/v1/webhook-endpoints/') || path.startsWith('/v1/webhook-deliveries/{')) {
      const endpoint = { name: uuidv7(), urls: ['https://93.184.216.34/hooks'], types: ['order.*'] };
      const { id } = await created('/v1/webhook-endpoints', endpoint);
      if (path.startsWith('/v1/webhook-endpoints/')) return path.replace('{id}', id!);
      const delivery = await created(`/v1/webhook-endpoints/${id}/test`, {});
      if (path.endsWith('/replay')) await send('POST', `/v1/webhook-deliveries/${delivery.id}/cancel`);
      return path.replace('{id}', delivery.id!);
    }
    if (path.startsWith('/v1/calls/')) {
      const runId = await acceptedRun(api.database, api.orgId);
      return path.replace('{token}', await callbackToken(api.database, api.orgId, runId));
    }
    if (path.startsWith('/v1/approvals/')) {
      const run = await acceptedRun(api.database, api.orgId);
      return path.replace('{id}', await askedApproval(api.database, api.orgId, run));
    }
    return path.replace('{id}', (await created('/v1/api-keys', { name: 'brief', role: 'viewer' })).id!);
  };
});
