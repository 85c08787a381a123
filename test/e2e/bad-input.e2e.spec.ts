import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { startTestApi, type TestApi } from '../support/api.js';
import { asOwner } from '../support/postgres.js';
import type { Wrong } from './wrong-request.js';
import { WRONG_REQUESTS } from './wrong-requests.js';

type Paths = Record<
  string,
  Record<string, { responses: Record<string, { content: Record<string, { examples?: object }> }> }>
>;

describe('wrong requests', () => {
  let api: TestApi;
  let documented: Paths;
  beforeAll(async () => {
    api = await startTestApi();
    documented = ((await request(api.app.getHttpServer()).get('/openapi.json')).body as { paths: Paths }).paths;
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const send = async ({ method = 'post', path = '/v1/runs', body, headers = {} }: Wrong) => {
    const sent = request(api.app.getHttpServer())[method](path).set('authorization', `Bearer ${api.key}`);
    if (body !== undefined) sent.set('content-type', 'application/json');
    for (const [name, value] of Object.entries(headers)) void (value === '' ? sent.unset(name) : sent.set(name, value));
    return body === undefined ? sent : sent.send(typeof body === 'string' ? body : JSON.stringify(body));
  };
  /** The failures that the document has for a request; undefined when there is no such route. */
  const codesOf = ({ method = 'post', path = '/v1/runs' }: Wrong, status: number) => {
    const isAt = (template: string) =>
      new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path.split('?')[0]!);
    const operation = Object.entries(documented).find(([template]) => isAt(template))?.[1][method];
    return operation && Object.keys(operation.responses[status]?.content['application/problem+json']?.examples ?? {});
  };
  const countRows = () =>
    asOwner(api.ownerUrl, async (client) => {
      const tables = [
        'run',
        'run_event',
        'agent',
        'agent_instance',
        'api_key',
        'organisation',
        'idempotency',
        'payload',
        'audit_event',
      ];
      const counts = tables.map((table) => `(SELECT count(*) FROM ${table})`).join(" || ' ' || ");
      return (await client.query<{ rows: string }>(`SELECT ${counts} AS rows`)).rows[0]?.rows;
    });

  it.each(WRONG_REQUESTS)('$what: $status $code', async (wrong) => {
    const before = await countRows();
    const answer = await send(wrong);
    const problem = answer.body as {
      status: number;
      code: string;
      detail: string;
      requestId: string;
      errors?: { path: string; didYouMean?: string }[];
    };
    expect({ status: answer.status, code: problem.code }).toEqual({ status: wrong.status, code: wrong.code });
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    expect(problem.requestId).toBe(answer.headers['x-request-id']);
    const codes = problem.code === 'request.not_found' ? undefined : codesOf(wrong, wrong.status);
    if (codes) expect(codes).toContain(wrong.code);
    if (wrong.says !== undefined) expect(problem.detail).toMatch(wrong.says);
    if (wrong.at !== undefined) expect(problem.errors?.map(({ path }) => path)).toContain(wrong.at);
    if (wrong.didYouMean !== undefined)
      expect(problem.errors?.map(({ didYouMean }) => didYouMean)).toContain(wrong.didYouMean);
    expect(answer.text).not.toMatch(/\bat .*\.[jt]s:\d+|node_modules/);
    expect(await countRows()).toBe(before);
  });

  it('names the methods that a path has', async () => {
    const answer = await request(api.app.getHttpServer()).patch('/v1/runs').set('authorization', `Bearer ${api.key}`);
    expect(answer.headers.allow).toBe('POST, GET, HEAD');
  });

  it('refuses an expired key', async () => {
    const key = await api.makeKey({ role: 'owner', expiresAt: new Date(Date.now() - 1_000).toISOString() });
    const answer = await request(api.app.getHttpServer()).get('/v1/runs').set('authorization', `Bearer ${key}`);
    expect(answer.body).toMatchObject({ status: 401, code: 'auth.expired' });
  });
});
